package io.zonewright.posix;

/**
 * Who stands at the other end of a Unix socket (SO_PEERCRED, see unix(7)): of a connected socket, the process that
 * connected or called listen.
 */
public record PeerCredentials(int pid, int uid, int gid) {}
