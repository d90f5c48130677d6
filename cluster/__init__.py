"""The chat as many machines would run it, on this one: ``make cluster``.

topology    which processes there are, and what each is told: docker-compose.yml's, without containers
databases   PostgreSQL and Valkey from their wheels; postgresql is the program that keeps the first
seaweedfs   an S3 server from its wheel
nginx       the program, which no wheel brings, and how it is started
nginx.conf.template    nginx before the nodes, here and in the containers
alarms.yml             what to be woken for; docs/operations.md says what each means

All of them are kept running by ``chatapp.supervisor``, as by a container engine. Nothing outlives it:
data, secret and passwords are made at the start and gone at the end.
"""
