package io.zonewright.daemon;

import io.zonewright.daemon.cli.Zonewright;

/** Where the program starts. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(Zonewright.run(args));
    }
}
