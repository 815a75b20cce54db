package io.zonewright.daemon.cli;

import io.zonewright.daemon.config.ConfigFile;
import io.zonewright.daemon.config.Problems;
import io.zonewright.daemon.config.YamlFile;
import io.zonewright.daemon.control.Json;
import io.zonewright.daemon.device.DevicePlan;
import io.zonewright.daemon.device.DevicePlanner;
import io.zonewright.daemon.plugin.PluginDirs;
import io.zonewright.daemon.plugin.PluginFault;
import io.zonewright.daemon.plugin.PluginHost;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A configuration, read, with the plugins it needs: what serve, check and attach start from.
 *
 * @param file the configuration
 * @param plugins started
 * @param plans of its devices; nothing is open
 */
record Setup(ConfigFile file, PluginHost plugins, List<DevicePlan> plans) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Setup.class);
    private static final String DEFAULT_NAME = "default configuration";

    /** A configuration with problems ends the command; they are all told. */
    static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Problems problems;

        InvalidException(Problems problems) {
            super(String.join("\n", problems.lines()));
            this.problems = problems;
        }

        Problems problems() {
            return problems;
        }
    }

    /** Reads {@code file}. */
    static Setup load(Path file, Surroundings surroundings, List<Path> pluginDirs) throws InvalidException {
        Problems problems = new Problems();
        return load(ConfigFile.read(file, problems), problems, surroundings, pluginDirs);
    }

    /** Reads the configuration that is built in, with its sockets in {@code socketDirectory}. */
    static Setup loadDefault(Path socketDirectory, Surroundings surroundings, List<Path> pluginDirs)
            throws InvalidException {
        Problems problems = new Problems();
        Optional<ConfigFile> config = YamlFile.parse(DEFAULT_NAME, Path.of("/"), defaultText(socketDirectory), problems)
                .map(yaml -> ConfigFile.of(yaml, problems));
        return load(config, problems, surroundings, pluginDirs);
    }

    /** The configuration that is built in. */
    static String defaultText(Path socketDirectory) {
        try (InputStream in = Objects.requireNonNull(Setup.class.getResourceAsStream("default.yaml"))) {
            String socket =
                    socketDirectory.toAbsolutePath().resolve("demo.sock").toString();
            // A JSON string is a YAML string too, whatever stands in the path.
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("@SOCKET@", Json.write(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Setup load(
            Optional<ConfigFile> config, Problems problems, Surroundings surroundings, List<Path> pluginDirs)
            throws InvalidException {
        if (config.isEmpty()) {
            throw new InvalidException(problems);
        }
        List<Path> dirs = new ArrayList<>(config.get().plugins().dirs());
        dirs.addAll(pluginDirs);
        PluginHost plugins = new PluginHost(PluginDirs.of(surroundings.home(), dirs));
        Setup setup = new Setup(config.get(), plugins, DevicePlanner.plan(config.get(), plugins.catalogue(), problems));
        report(plugins, config.get(), problems);
        if (!problems.none()) {
            setup.close();
            throw new InvalidException(problems);
        }
        return setup;
    }

    /** Faults that are fatal are problems of the file that says so, told with all its others. */
    private static void report(PluginHost plugins, ConfigFile config, Problems problems) {
        for (PluginFault fault : plugins.faults()) {
            if (config.plugins().fatal()) {
                problems.add(config.top(), "plugins", fault.toString(), "");
            } else {
                LOG.warn("skipped: {}", fault);
            }
        }
    }

    @Override
    public void close() {
        plugins.close();
    }
}
