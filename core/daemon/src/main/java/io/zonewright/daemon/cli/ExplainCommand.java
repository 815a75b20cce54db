package io.zonewright.daemon.cli;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import io.zonewright.daemon.config.HostKeys;
import io.zonewright.daemon.config.NearestWord;
import io.zonewright.daemon.control.Json;
import io.zonewright.daemon.control.Words;
import io.zonewright.daemon.plugin.Catalogue;
import io.zonewright.daemon.plugin.PluginDirs;
import io.zonewright.daemon.plugin.PluginHost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description = {
            "Prints what a key of the configuration means, its default, and how to write it.",
            "KEY is a key's name, the end of its path, a back-end or a front-end; without it, all keys are listed."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  zonewright explain",
            "  zonewright explain zone-capacity",
            "  zonewright explain null-zoned",
            "  zonewright explain control.socket"
        })
final class ExplainCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    Options.Plugins plugins = new Options.Plugins();

    @Mixin
    Options.JsonOutput output = new Options.JsonOutput();

    @Parameters(arity = "0..1", paramLabel = "KEY", description = "What to explain. Left out: a list of all keys.")
    @Nullable
    String word;

    ExplainCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /**
     * A key and where it belongs.
     *
     * @param path of the key: {@code devices.NAME.backend.null-zoned.size}, with the type in the place where it chooses
     * @param owner the plugin that declares it, or "host"
     */
    record Documented(String path, String owner, Key key) {
        boolean matches(String word) {
            return path.equals(word) || path.endsWith("." + word) || path.contains("." + word + ".");
        }
    }

    @Override
    public Integer call() {
        try (PluginHost host = new PluginHost(PluginDirs.of(surroundings.home(), plugins.dirs))) {
            List<Documented> all = collect(host.catalogue());
            List<Documented> chosen = word == null
                    ? all
                    : all.stream().filter(key -> key.matches(word)).toList();
            if (word != null && chosen.isEmpty()) {
                String advice = NearestWord.of(word, words(all))
                        .map(near -> "did you mean " + near + "?")
                        .orElse("zonewright explain lists all keys");
                throw new CommandException(ExitCode.USAGE, "there is no key \"" + word + "\"; " + advice, null);
            }
            if (output.json) {
                surroundings
                        .out()
                        .println(Json.pretty(
                                chosen.stream().map(ExplainCommand::json).toList()));
            } else if (word == null) {
                list(chosen);
            } else {
                chosen.forEach(this::print);
            }
            return ExitCode.OK;
        }
    }

    private static List<Documented> collect(Catalogue catalogue) {
        List<Documented> all = new ArrayList<>();
        add(all, "", "host", HostKeys.ALL);
        catalogue
                .backends()
                .forEach(backend -> add(
                        all,
                        "devices.NAME.backend." + backend.extension().type() + ".",
                        backend.pluginId(),
                        backend.extension().keys()));
        catalogue
                .frontends()
                .forEach(frontend -> add(
                        all,
                        "devices.NAME.frontends." + frontend.extension().type() + "."
                                + frontend.extension().transport() + ".",
                        frontend.pluginId(),
                        frontend.extension().keys()));
        return all;
    }

    private static void add(List<Documented> all, String prefix, String owner, List<Key> keys) {
        for (Key key : keys) {
            all.add(new Documented(prefix + key.name(), owner, key));
            add(all, prefix + key.name() + ".", owner, key.children());
        }
    }

    private static Set<String> words(List<Documented> all) {
        Set<String> words = new TreeSet<>();
        all.forEach(key -> words.addAll(List.of(key.path().split("\\.", -1))));
        return words;
    }

    private void list(List<Documented> keys) {
        Columns table = new Columns();
        for (Documented documented : keys) {
            Key key = documented.key();
            String summary = key.summary().split("(?<=\\.) ", 2)[0];
            table.row(documented.path(), summary);
        }
        table.print(surroundings.out());
    }

    private void print(Documented documented) {
        Key key = documented.key();
        surroundings.out().println(documented.path());
        wrap(key.summary(), Math.min(surroundings.width(), 100) - 2)
                .forEach(line -> surroundings.out().println("  " + line));
        Columns facts = Columns.ofFacts();
        facts.row("  value:", form(key));
        if (key.required()) {
            facts.row("  must be given", "");
        } else if (key.defaultValue() != null) {
            facts.row("  default:", key.defaultValue());
        }
        if (key.kind() != Kind.SECTION) {
            facts.row("  example:", key.name() + ": " + key.example());
        }
        if (!documented.owner().equals("host")) {
            facts.row("  from plugin:", documented.owner());
        }
        facts.print(surroundings.out());
        surroundings.out().println();
    }

    private static Map<String, Object> json(Documented documented) {
        Key key = documented.key();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("path", documented.path());
        map.put("owner", documented.owner());
        map.put("kind", Words.of(key.kind()));
        map.put("summary", key.summary());
        map.put("required", key.required());
        if (key.defaultValue() != null) {
            map.put("default", key.defaultValue());
        }
        map.put("example", key.example());
        map.put("choices", key.choices());
        return map;
    }

    private static String form(Key key) {
        return switch (key.kind()) {
            case SIZE -> "a size: bytes, or with a unit as 4KiB, 64GiB, 2TB";
            case COUNT -> "a whole number";
            case FLAG -> "true or false";
            case TEXT -> "text";
            case TEXTS -> "text, or a list of texts";
            case CHOICE -> "one of " + String.join(", ", key.choices());
            case PATH -> "a file name; a relative one starts at the configuration's directory";
            case DURATION -> "a time with a unit, as 50us, 3ms, 10s";
            case ADDRESS -> "HOST:PORT";
            case ZONES -> "zone numbers, as 3, 4-9 or [1, 4-9]";
            case MODE -> "a file mode in octal, as 0600";
            case SECTION -> "further keys";
        };
    }

    private static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String next : text.split("\\s+", -1)) {
            if (!line.isEmpty() && line.length() + 1 + next.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(next);
        }
        lines.add(line.toString());
        return lines;
    }
}
