"""Messages: what is said, in one order, and what somebody who comes has missed. Begin with ``aspect``."""
