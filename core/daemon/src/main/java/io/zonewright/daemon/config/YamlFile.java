package io.zonewright.daemon.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * YAML text as a tree of nodes that know where they stand. Nothing is constructed from it: no tag makes an object, and
 * aliases stay references, so that a small file cannot become a large one.
 *
 * @param name as shown in messages
 * @param base the directory that relative paths start from
 * @param root of the only document; null if the text holds none
 */
public record YamlFile(String name, Path base, @Nullable Node root) {
    /** A configuration of some thousand devices fits. */
    static final int MAX_BYTES = 4 << 20;

    private static final int MAX_NESTING = 20;
    private static final int MAX_ALIASES = 1000;

    /**
     * Reads {@code file}.
     *
     * @return empty if there is no tree to look at; {@code problems} then says why
     */
    public static Optional<YamlFile> read(Path file, Problems problems) {
        String name = file.toString();
        Path parent = file.toAbsolutePath().getParent();
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            problems.add(top(name), "", "there is no such file", "check the name");
            return Optional.empty();
        } catch (IOException e) {
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            problems.add(top(name), "", "cannot be read: " + reason, "it must be a file that you may read");
            return Optional.empty();
        }
        if (bytes.length > MAX_BYTES) {
            problems.add(top(name), "", "is larger than " + Quantities.formatSize(MAX_BYTES), "split it");
            return Optional.empty();
        }
        return decode(name, bytes, problems)
                .flatMap(text -> parse(name, parent == null ? Path.of("/") : parent, text, problems));
    }

    /** Reads {@code text}; for the configuration that is built in, and for tests. */
    public static Optional<YamlFile> parse(String name, Path base, String text, Problems problems) {
        LoaderOptions limits = new LoaderOptions();
        limits.setCodePointLimit(MAX_BYTES);
        limits.setNestingDepthLimit(MAX_NESTING);
        limits.setMaxAliasesForCollections(MAX_ALIASES);
        try {
            Iterator<Node> documents = new Yaml(new SafeConstructor(limits))
                    .composeAll(new StringReader(text))
                    .iterator();
            Node root = documents.hasNext() ? documents.next() : null;
            if (documents.hasNext()) {
                problems.add(
                        position(name, documents.next().getStartMark()),
                        "",
                        "a second document begins here",
                        "keep one, without a line of ---");
            }
            return Optional.of(new YamlFile(name, base, root));
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
            String context = e.getContext() == null ? "" : e.getContext() + ": ";
            problems.add(
                    mark == null ? top(name) : position(name, mark),
                    "",
                    "not YAML: " + context + Quantities.shorten(String.valueOf(e.getProblem())),
                    String.valueOf(e.getProblem()).contains("tag is not allowed")
                            ? "remove it"
                            : "check indentation, colons, quotes and brackets here and in the line before");
        } catch (ReaderException e) {
            problems.add(
                    positionOf(name, text, e.getPosition()),
                    "",
                    "not YAML: the character U+%04X is not allowed".formatted(e.getCodePoint()),
                    "remove it");
        } catch (YAMLException e) {
            problems.add(
                    top(name),
                    "",
                    "not YAML: " + Quantities.shorten(String.valueOf(e.getMessage())),
                    "make it simpler");
        }
        return Optional.empty();
    }

    /** Where a node begins. */
    Position position(Node node) {
        return position(name, node.getStartMark());
    }

    /** The first character of the file, for what concerns all of it. */
    public Position top() {
        return top(name);
    }

    private static Position top(String name) {
        return new Position(name, 1, 1);
    }

    private static Position position(String name, Mark mark) {
        return new Position(name, mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static Position positionOf(String name, String text, int codePoint) {
        int line = 1;
        int column = 1;
        int[] points = text.codePoints().limit(codePoint).toArray();
        for (int point : points) {
            column = point == '\n' ? 1 : column + 1;
            line += point == '\n' ? 1 : 0;
        }
        return new Position(name, line, column);
    }

    private static Optional<String> decode(String name, byte[] bytes, Problems problems) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(in)
                    .toString());
        } catch (CharacterCodingException e) {
            String before = new String(bytes, 0, in.position(), StandardCharsets.UTF_8);
            problems.add(
                    positionOf(name, before, before.codePointCount(0, before.length())),
                    "",
                    "byte " + in.position() + " is not UTF-8 text",
                    "save the file as UTF-8");
            return Optional.empty();
        }
    }
}
