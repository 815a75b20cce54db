package io.zonewright.daemon.config;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One mapping in the YAML: its keys, each once, with those that it merges in by {@code <<: *anchor}.
 *
 * @param path of the mapping, for messages; empty for the whole file
 * @param start where it begins
 * @param entries in the file's order
 */
record Mapping(
        YamlFile file, Problems problems, String path, Position start, SequencedMap<String, Mapping.Entry> entries) {
    /** Merges of merges; also ends a mapping that merges itself. */
    private static final int MAX_MERGES = 8;

    /** One key with its value. */
    record Entry(String name, Node key, Node value) {}

    /** Reads {@code node}; what cannot be read is reported and left out. */
    static Mapping of(YamlFile file, Problems problems, String path, Node node) {
        Mapping result = empty(file, problems, path, file.position(node));
        if (node instanceof MappingNode mapping) {
            Nodes.checkTag(file, problems, path, node);
            result.read(mapping, 0);
        } else if (!Nodes.isNull(node)) {
            String what = "keys are expected here, not " + Nodes.describe(node);
            problems.add(file.position(node), path, what, "write KEY: VALUE lines under it");
        }
        return result;
    }

    /** A mapping without keys. */
    static Mapping empty(YamlFile file, Problems problems, String path, Position start) {
        return new Mapping(file, problems, path, start, new LinkedHashMap<>());
    }

    /** What stands under {@code key}. */
    Optional<Node> node(String key) {
        return Optional.ofNullable(entries.get(key)).map(Entry::value);
    }

    /** The path of {@code key} in this mapping. */
    String pathOf(String key) {
        String safe = Quantities.shorten(key);
        return path.isEmpty() ? safe : path + "." + safe;
    }

    /** Reports every key that is not one of {@code known}. */
    void refuseOthers(Collection<String> known) {
        for (Entry entry : entries.values()) {
            if (!known.contains(entry.name())) {
                String advice = NearestWord.advice(entry.name(), known);
                problems.add(file.position(entry.key()), pathOf(entry.name()), "unknown key", advice);
            }
        }
    }

    private void read(MappingNode mapping, int depth) {
        Map<String, Position> here = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Node key = tuple.getKeyNode();
            if (!(key instanceof ScalarNode scalar)) {
                problems.add(file.position(key), path, "a key that is not a word", "write KEY: VALUE");
                continue;
            }
            String name = scalar.getValue();
            Position first = here.putIfAbsent(name, file.position(key));
            if (first != null) {
                problems.add(
                        file.position(key),
                        pathOf(name),
                        "given twice, first in line " + first.line(),
                        "remove one of them");
            } else if (!scalar.getTag().equals(Tag.MERGE)) {
                entries.putIfAbsent(name, new Entry(name, key, tuple.getValueNode()));
            }
        }
        for (NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
                merge(tuple.getValueNode(), depth + 1);
            }
        }
    }

    private void merge(Node value, int depth) {
        Position position = file.position(value);
        if (depth > MAX_MERGES) {
            problems.add(position, pathOf("<<"), "merges itself, or nests too deeply", "write the keys out");
        } else if (value instanceof MappingNode mapping) {
            read(mapping, depth);
        } else if (value instanceof SequenceNode sequence) {
            sequence.getValue().forEach(item -> merge(item, depth + 1));
        } else {
            problems.add(position, pathOf("<<"), "merges something that has no keys", "write <<: *ANCHOR");
        }
    }
}
