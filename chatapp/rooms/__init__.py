"""What a room is and does, in plain Python: no sockets, no SQL, no clock.

Read ``commands`` and ``events`` (the words that all share), then ``aspect`` (the form that everything else
has) and ``room`` (the order of the aspects). Each of these has its own state, commands, answers, signals,
records and questions to storage:

    attendance     who is here, by which name, and who is typing
    messages       the log: what is said, and what somebody who comes back has missed
    changing       another text for a message of one's own, or none
    reacting       an emoji on a message, or no longer
    reading        how far each person has read
    attachments    the small value that each device keeps
    joining        ``Join``, the only command that concerns them all
"""
