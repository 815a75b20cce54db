package io.zonewright.daemon.config;

import io.zonewright.api.config.Key;
import io.zonewright.api.config.Key.Kind;
import io.zonewright.api.config.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A mapping in the YAML, checked against the keys that its owner declared: the {@link Settings} that a plugin reads.
 * Every value is parsed when the section is made, and whatever is wrong is reported then.
 */
public final class Section implements Settings {
    private final Mapping mapping;
    private final SequencedMap<String, Key> keys = new LinkedHashMap<>();
    private final Map<String, Object> values = new HashMap<>();
    private final Set<String> faulty = new HashSet<>();

    private Section(Mapping mapping, List<Key> keys) {
        this.mapping = mapping;
        keys.forEach(key -> this.keys.put(key.name(), key));
    }

    /** Parses the values of {@code keys}, reports those that are wrong or missing, and does not look at other keys. */
    static Section of(Mapping mapping, List<Key> keys) {
        Section section = new Section(mapping, keys);
        for (Key key : keys) {
            Optional<Node> node = mapping.node(key.name());
            if (node.isPresent()) {
                section.parse(key, node.get());
            } else if (key.required()) {
                section.faulty.add(key.name());
                String add = "add " + ScalarValues.example(key);
                mapping.problems().add(mapping.start(), mapping.pathOf(key.name()), "missing", add);
            }
        }
        return section;
    }

    /** Likewise, and reports every key that is neither in {@code keys} nor in {@code others}. */
    static Section closed(Mapping mapping, List<Key> keys, Collection<String> others) {
        Set<String> known = new TreeSet<>(others);
        keys.forEach(key -> known.add(key.name()));
        mapping.refuseOthers(known);
        return of(mapping, keys);
    }

    private void parse(Key key, Node node) {
        YamlFile file = mapping.file();
        String path = mapping.pathOf(key.name());
        if (key.kind() == Kind.SECTION) {
            Mapping inner = Mapping.of(file, mapping.problems(), path, node);
            values.put(key.name(), closed(inner, key.children(), Set.of()));
            return;
        }
        Optional<Object> value;
        if (key.kind() == Kind.ZONES && node instanceof SequenceNode list) {
            value = zones(key, path, list);
        } else if (key.kind() == Kind.TEXTS && node instanceof SequenceNode list) {
            value = texts(key, path, list);
        } else {
            value = Nodes.scalar(file, mapping.problems(), path, key, node);
        }
        value.ifPresentOrElse(v -> values.put(key.name(), v), () -> faulty.add(key.name()));
    }

    private Optional<Object> texts(Key key, String path, SequenceNode list) {
        List<Object> all = new ArrayList<>();
        List<Node> nodes = list.getValue();
        for (int i = 0; i < nodes.size(); i++) {
            String item = path + "[" + i + "]";
            Nodes.scalar(mapping.file(), mapping.problems(), item, key, nodes.get(i))
                    .ifPresent(some -> all.addAll((List<?>) some));
        }
        return all.size() == nodes.size() ? Optional.of(all) : Optional.empty();
    }

    private Optional<Object> zones(Key key, String path, SequenceNode list) {
        BitSet all = new BitSet();
        boolean good = true;
        List<Node> nodes = list.getValue();
        for (int i = 0; i < nodes.size(); i++) {
            String item = path + "[" + i + "]";
            Optional<Object> zones = Nodes.scalar(mapping.file(), mapping.problems(), item, key, nodes.get(i));
            zones.ifPresent(some -> all.or((BitSet) some));
            good &= zones.isPresent();
        }
        return good ? Optional.of(all) : Optional.empty();
    }

    /** The value as it stands in the file; empty if it is not there or was wrong. */
    Optional<Object> given(String key) {
        return mapping.entries().containsKey(key) ? Optional.ofNullable(values.get(key)) : Optional.empty();
    }

    /** Path of the section, {@code devices.archive.backend}. */
    public String path() {
        return mapping.path();
    }

    /** Where the section begins. */
    public Position start() {
        return mapping.start();
    }

    /** Where the value of {@code key} stands; the section's start if it does not. */
    public Position positionOf(String key) {
        return mapping.node(key).map(mapping.file()::position).orElse(mapping.start());
    }

    @Override
    public boolean isSet(String key) {
        declared(key);
        return mapping.entries().containsKey(key);
    }

    @Override
    public long size(String key) {
        return (Long) value(key, Kind.SIZE);
    }

    @Override
    public long count(String key) {
        return (Long) value(key, Kind.COUNT);
    }

    @Override
    public boolean flag(String key) {
        return (Boolean) value(key, Kind.FLAG);
    }

    @Override
    public String text(String key) {
        return (String) value(key, Kind.TEXT, Kind.CHOICE, Kind.ADDRESS);
    }

    @Override
    public List<String> texts(String key) {
        return ((List<?>) value(key, Kind.TEXTS))
                .stream().map(String.class::cast).toList();
    }

    @Override
    public Path path(String key) {
        return (Path) value(key, Kind.PATH);
    }

    @Override
    public Duration duration(String key) {
        return (Duration) value(key, Kind.DURATION);
    }

    @Override
    public BitSet zones(String key) {
        return (BitSet) ((BitSet) value(key, Kind.ZONES)).clone();
    }

    @Override
    public int mode(String key) {
        return (Integer) value(key, Kind.MODE);
    }

    @Override
    public Settings section(String key) {
        return (Settings) value(key, Kind.SECTION);
    }

    @Override
    public void problem(String key, String what, String fix) {
        if (faulty.contains(key)) {
            return; // what the plugin saw was a stand-in: the real problem is already told
        }
        mapping.problems().add(positionOf(key), mapping.pathOf(key), what, fix);
    }

    private Key declared(String name) {
        Key key = keys.get(name);
        if (key == null) {
            throw new IllegalArgumentException("the plugin asks for the key " + name + ", which it did not declare");
        }
        return key;
    }

    private Object value(String name, Kind... kinds) {
        Key key = declared(name);
        if (!List.of(kinds).contains(key.kind())) {
            throw new IllegalArgumentException(
                    "the key " + name + " is a " + key.kind() + ", asked for as " + kinds[0]);
        }
        Object value = values.get(name);
        return value == null ? values.computeIfAbsent(name, _ -> standIn(key)) : value;
    }

    /** The default; for a value that was wrong or is missing, at least something of the right form. */
    private Object standIn(Key key) {
        if (key.kind() == Kind.SECTION) {
            return new Section(
                    Mapping.empty(mapping.file(), mapping.problems(), mapping.pathOf(key.name()), mapping.start()),
                    key.children());
        }
        String text = key.defaultValue();
        if (text == null && faulty.contains(key.name())) {
            text = key.example();
        }
        if (text == null && key.kind() == Kind.ZONES) {
            return new BitSet();
        }
        if (text == null && key.kind() == Kind.TEXTS) {
            return List.of();
        }
        if (text == null) {
            throw new IllegalArgumentException("the key " + key.name() + " is not set and has no default");
        }
        return parseDeclared(key, text, mapping.file().base());
    }

    /** Parses a default or an example that a plugin declared. */
    static Object parseDeclared(Key key, String text, Path base) {
        try {
            return ScalarValues.parse(key, text, base);
        } catch (BadValue e) {
            throw new IllegalArgumentException(
                    "the key " + key.name() + " is declared with a value that is wrong: " + e.what(), e);
        }
    }
}
