package io.zonewright.daemon.cli;

/** What the program's exit status says; part of its interface. */
public final class ExitCode {
    public static final int OK = 0;
    /** Something failed at run time: a socket is taken, a device refused. */
    public static final int FAILURE = 1;
    /** The command line is wrong. */
    public static final int USAGE = 2;
    /** The configuration, or a plugin that the configuration calls fatal, is wrong. */
    public static final int BAD_CONFIGURATION = 3;
    /** No daemon answers on the control socket. */
    public static final int UNREACHABLE = 4;

    private ExitCode() {}
}
