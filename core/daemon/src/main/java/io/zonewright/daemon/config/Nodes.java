package io.zonewright.daemon.config;

import io.zonewright.api.config.Key;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Small questions to a node of the YAML. */
final class Nodes {
    private static final String YAML_TAGS = "tag:yaml.org,2002:";
    private static final Set<String> PLAIN_TAGS =
            Set.of("str", "int", "float", "bool", "null", "timestamp", "merge", "map", "seq", "value");

    private Nodes() {}

    /** Parses a single value; reports it and gives nothing if that fails. */
    static Optional<Object> scalar(YamlFile file, Problems problems, String path, Key key, Node node) {
        checkTag(file, problems, path, node);
        String example = "write for example " + ScalarValues.example(key);
        if (!(node instanceof ScalarNode scalar)) {
            problems.add(file.position(node), path, "one value is expected here, not " + describe(node), example);
            return Optional.empty();
        }
        if (isNull(node)) {
            problems.add(file.position(node), path, "no value", example);
            return Optional.empty();
        }
        try {
            return Optional.of(ScalarValues.parse(key, scalar.getValue(), file.base()));
        } catch (BadValue e) {
            problems.add(file.position(node), path, e.what(), e.fix());
            return Optional.empty();
        }
    }

    /** Whether nothing was written: {@code key:} and no more. */
    static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.isPlain()
                && Set.of("", "~", "null").contains(scalar.getValue());
    }

    /** What stands there, for a message. */
    static String describe(Node node) {
        return switch (node) {
            case MappingNode _ -> "a group of keys";
            case SequenceNode _ -> "a list";
            case ScalarNode scalar when !isNull(node) -> "the value " + Quantities.quote(scalar.getValue());
            default -> "nothing";
        };
    }

    /** Reports a tag that asks for more than plain data. */
    static void checkTag(YamlFile file, Problems problems, String path, Node node) {
        String tag = node.getTag().getValue();
        if (!tag.startsWith(YAML_TAGS) || !PLAIN_TAGS.contains(tag.substring(YAML_TAGS.length()))) {
            String what = "the tag " + Quantities.quote(tag) + " has no meaning here";
            problems.add(file.position(node), path, what, "remove it");
        }
    }
}
