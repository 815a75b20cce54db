package io.zonewright.daemon.config;

import io.zonewright.api.config.Key;
import io.zonewright.api.spi.DeviceIdentity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A configuration as far as the host understands it by itself. Plugins then read their parts; only after that is it
 * known whether the file is good.
 *
 * @param name of the file, as shown in messages
 * @param devices in the file's order
 * @param plugins where plugins are found
 * @param controlSocket where the control socket is to be; empty: the usual place
 */
public record ConfigFile(
        String name, List<DeviceSection> devices, PluginSettings plugins, Optional<Path> controlSocket) {
    /** The first character of the file, for what concerns all of it. */
    public Position top() {
        return new Position(name, 1, 1);
    }

    /** Devices of one daemon. */
    static final int MAX_DEVICES = 4096;

    /** Front-ends of one device. */
    static final int MAX_FRONTENDS = 64;

    private static final int MAX_NAME = 63;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern UUID_TEXT = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final String FIRST_DEVICE =
            "add devices: { archive: { backend: { type: … }, frontends: [ { type: … } ] } }";

    /**
     * Where plugins are found beside the distribution's own.
     *
     * @param dirs directories, in the order to search
     * @param fatal whether a plugin that cannot be used ends the start
     */
    public record PluginSettings(List<Path> dirs, boolean fatal) {
        public PluginSettings {
            dirs = List.copyOf(dirs);
        }
    }

    public ConfigFile {
        devices = List.copyOf(devices);
    }

    /** Reads a file; see {@link #of}. */
    public static Optional<ConfigFile> read(Path file, Problems problems) {
        return YamlFile.read(file, problems).map(yaml -> of(yaml, problems));
    }

    /** Reads what is the host's; whatever is wrong is reported and left out. */
    public static ConfigFile of(YamlFile file, Problems problems) {
        Node root = file.root();
        Mapping top =
                root == null ? Mapping.empty(file, problems, "", file.top()) : Mapping.of(file, problems, "", root);
        top.refuseOthers(List.of("devices", "plugins", "control"));
        Optional<Path> socket = top.node("control")
                .map(node -> Section.closed(
                        Mapping.of(file, problems, "control", node), List.of(HostKeys.SOCKET), List.of()))
                .flatMap(control -> control.given("socket"))
                .map(Path.class::cast);
        PluginSettings plugins = top.node("plugins")
                .map(node -> plugins(Mapping.of(file, problems, "plugins", node)))
                .orElseGet(() -> new PluginSettings(List.of(), false));
        return new ConfigFile(file.name(), devices(top), plugins, socket);
    }

    private static PluginSettings plugins(Mapping mapping) {
        Section section = Section.closed(mapping, List.of(HostKeys.ON_ERROR), List.of("dirs"));
        List<Path> dirs = new ArrayList<>();
        mapping.node("dirs").ifPresent(node -> {
            List<Node> nodes = node instanceof SequenceNode list ? list.getValue() : List.of(node);
            for (int i = 0; i < nodes.size(); i++) {
                String path = "plugins.dirs" + (node instanceof SequenceNode ? "[" + i + "]" : "");
                Nodes.scalar(mapping.file(), mapping.problems(), path, HostKeys.DIRS, nodes.get(i))
                        .ifPresent(dir -> dirs.add((Path) dir));
            }
        });
        return new PluginSettings(dirs, section.text("on-error").equals("fatal"));
    }

    private static List<DeviceSection> devices(Mapping top) {
        Optional<Node> node = top.node("devices");
        Problems problems = top.problems();
        if (node.isEmpty()) {
            problems.add(top.start(), "devices", "missing", FIRST_DEVICE);
            return List.of();
        }
        Mapping mapping = Mapping.of(top.file(), problems, "devices", node.get());
        boolean nothing = mapping.entries().isEmpty();
        if (nothing && (Nodes.isNull(node.get()) || node.get() instanceof MappingNode)) {
            problems.add(mapping.start(), "devices", "there is no device", FIRST_DEVICE);
        }
        if (mapping.entries().size() > MAX_DEVICES) {
            String what = mapping.entries().size() + " devices, the most is " + MAX_DEVICES;
            problems.add(mapping.start(), "devices", what, "run a second daemon");
            return List.of();
        }
        List<DeviceSection> devices = new ArrayList<>();
        Map<UUID, DeviceSection> byUuid = new HashMap<>();
        for (Mapping.Entry entry : mapping.entries().values()) {
            DeviceSection device = device(mapping, entry);
            DeviceSection first = byUuid.putIfAbsent(device.identity().uuid(), device);
            if (first != null) {
                problems.add(
                        device.position(),
                        device.path() + ".uuid",
                        "the same as that of " + first.identity().name() + " in line "
                                + first.position().line(),
                        "give each device its own, or leave it out");
            }
            devices.add(device);
        }
        return devices;
    }

    private static DeviceSection device(Mapping devices, Mapping.Entry entry) {
        YamlFile file = devices.file();
        Problems problems = devices.problems();
        Position position = file.position(entry.key());
        String path = devices.pathOf(entry.name());
        checkName(problems, position, path, entry.name());
        Mapping mapping = Mapping.of(file, problems, path, entry.value());
        Section section = Section.closed(mapping, List.of(HostKeys.UUID), List.of("backend", "frontends"));
        return new DeviceSection(identity(section, entry.name()), path, position, backend(mapping), frontends(mapping));
    }

    private static void checkName(Problems problems, Position position, String path, String name) {
        if (NAME.matcher(name).matches()) {
            return;
        }
        String near =
                name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+", "");
        near = near.substring(0, Math.min(MAX_NAME, near.length())).replaceAll("-+$", "");
        problems.add(
                position,
                path,
                "a device's name has lower-case letters, digits and hyphens, at most " + MAX_NAME,
                "for example " + (near.isEmpty() ? "archive" : near));
    }

    private static DeviceIdentity identity(Section device, String name) {
        Optional<String> text = device.given("uuid").map(String.class::cast);
        if (text.isPresent()) {
            if (UUID_TEXT.matcher(text.get()).matches()) {
                return new DeviceIdentity(name, UUID.fromString(text.get()));
            }
            device.problem(
                    "uuid",
                    Quantities.quote(text.get()) + " is not a UUID",
                    "write for example " + ScalarValues.example(HostKeys.UUID) + ", or leave it out");
        }
        return DeviceIdentity.of(name);
    }

    private static Optional<DeviceSection.Part> backend(Mapping device) {
        Optional<Node> node = device.node("backend");
        if (node.isEmpty()) {
            device.problems().add(device.start(), device.pathOf("backend"), "missing", "add backend: { type: … }");
        }
        return node.map(n -> part(device, device.pathOf("backend"), n, HostKeys.BACKEND.children()));
    }

    private static List<DeviceSection.Part> frontends(Mapping device) {
        String path = device.pathOf("frontends");
        Problems problems = device.problems();
        Optional<Node> node = device.node("frontends");
        String add = "add frontends: [ { type: … } ]";
        if (node.isEmpty()) {
            problems.add(device.start(), path, "missing", add);
            return List.of();
        }
        Position position = device.file().position(node.get());
        if (!(node.get() instanceof SequenceNode list)) {
            String what = "a list is expected here, not " + Nodes.describe(node.get());
            problems.add(position, path, what, "begin each front-end with a dash");
            return List.of();
        }
        List<Node> nodes = list.getValue();
        if (nodes.isEmpty()) {
            problems.add(position, path, "the list is empty, so nobody could reach the device", add);
        }
        if (nodes.size() > MAX_FRONTENDS) {
            String what = nodes.size() + " front-ends, the most is " + MAX_FRONTENDS;
            problems.add(position, path, what, "remove some");
            return List.of();
        }
        List<DeviceSection.Part> parts = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            parts.add(part(device, path + "[" + i + "]", nodes.get(i), HostKeys.FRONTENDS.children()));
        }
        return parts;
    }

    private static DeviceSection.Part part(Mapping device, String path, Node node, List<Key> hostKeys) {
        return new DeviceSection.Part(Mapping.of(device.file(), device.problems(), path, node), hostKeys);
    }
}
