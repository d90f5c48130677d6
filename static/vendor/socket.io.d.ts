// The types of the file that `make setup` copies here from node_modules.
export * from "socket.io-client";
