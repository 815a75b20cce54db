package io.zonewright.daemon.cli;

import io.zonewright.daemon.control.ControlClient;
import io.zonewright.daemon.control.ControlSocket;
import io.zonewright.daemon.control.DaemonUnreachableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that several commands share. */
final class Options {
    private Options() {}

    /** Which daemon to ask. */
    static final class Control {
        @Option(
                names = "--control",
                paramLabel = "SOCKET",
                description = "The daemon's control socket. Default: $$XDG_RUNTIME_DIR/zonewright/control.sock, or"
                        + " /run/zonewright/control.sock for root.")
        @Nullable
        Path control;

        Path path(Surroundings surroundings) {
            return control == null ? ControlSocket.usual(surroundings.environment()) : control.toAbsolutePath();
        }

        ControlClient connect(Surroundings surroundings) throws DaemonUnreachableException {
            return ControlClient.connect(path(surroundings));
        }
    }

    /** Where to look for plugins. */
    static final class Plugins {
        @Option(
                names = "--plugins-dir",
                paramLabel = "DIR",
                description = "A further directory with plugins, as plugins.dirs in a configuration. May be repeated.")
        List<Path> dirs = new ArrayList<>();
    }

    /** For programs that read the output. */
    static final class JsonOutput {
        @Option(names = "--json", description = "Prints JSON, for programs. Sizes and positions are bytes.")
        boolean json;
    }
}
