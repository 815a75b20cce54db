package io.zonewright.daemon.config;

import static io.zonewright.daemon.config.Quantities.quote;

import io.zonewright.api.config.Key;
import io.zonewright.api.zone.ZoneGeometry;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts of one value to what a {@link Key.Kind} stands for. The YAML's own idea of a type plays no part. */
final class ScalarValues {
    /** Longest value; no name, path or address that the kernel takes is longer. */
    private static final int MAX_LENGTH = 4096;

    private static final Pattern COUNT = Pattern.compile("[0-9]{1,18}");
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9}))?");
    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9a-fA-F:.%]+]|[^:\\[\\]\\s]+):([0-9]{1,5})");
    private static final int MAX_PORT = 65_535;

    private ScalarValues() {}

    /**
     * Parses {@code text}.
     *
     * @param base what a relative path is relative to
     * @return Long, Boolean, String, List, Path, Duration, BitSet or (for a mode) Integer
     */
    static Object parse(Key key, String text, Path base) throws BadValue {
        if (text.length() > MAX_LENGTH) {
            throw new BadValue("a value of " + text.length() + " characters", "the longest is " + MAX_LENGTH);
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new BadValue(
                    "the value " + quote(text) + " holds control characters", "write it on one line, without them");
        }
        return switch (key.kind()) {
            case SIZE -> Quantities.size(text);
            case COUNT -> count(key, text);
            case FLAG -> flag(text);
            case TEXT -> nonEmpty(key, text);
            case TEXTS -> List.of(nonEmpty(key, text));
            case CHOICE -> choice(key, text);
            case PATH -> path(key, text, base);
            case DURATION -> Quantities.duration(text);
            case ADDRESS -> address(key, text);
            case ZONES -> zones(text);
            case MODE -> mode(text);
            case SECTION -> throw new BadValue("a single value " + quote(text) + ", but keys are expected", under(key));
        };
    }

    /** What to write where a section is expected. */
    static String under(Key key) {
        String first = key.children().isEmpty()
                ? ""
                : ", for example " + example(key.children().getFirst());
        return "write the keys of " + key.name() + " under it" + first;
    }

    /** {@code key: example}, as a user would write it. */
    static String example(Key key) {
        return key.name() + ": " + key.example();
    }

    private static long count(Key key, String text) throws BadValue {
        if (!COUNT.matcher(text).matches()) {
            throw new BadValue(
                    quote(text) + " is not a whole number of 0 or more", "write for example " + example(key));
        }
        return Long.parseLong(text);
    }

    private static boolean flag(String text) throws BadValue {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new BadValue(
                        quote(text) + " is neither true nor false",
                        switch (text.toLowerCase(Locale.ROOT)) {
                            case "true", "yes", "on", "y", "1" -> "write true";
                            case "false", "no", "off", "n", "0" -> "write false";
                            default -> "write true or false";
                        });
        };
    }

    private static String nonEmpty(Key key, String text) throws BadValue {
        if (text.isBlank()) {
            throw new BadValue("the value is empty", "write for example " + example(key));
        }
        return text;
    }

    private static String choice(Key key, String text) throws BadValue {
        if (!key.choices().contains(text)) {
            String all = String.join(", ", key.choices());
            throw new BadValue(
                    quote(text) + " is none of " + all,
                    NearestWord.of(text, key.choices())
                            .map(near -> "did you mean " + near + "?")
                            .orElse("write one of these"));
        }
        return text;
    }

    private static Path path(Key key, String text, Path base) throws BadValue {
        nonEmpty(key, text);
        if (text.startsWith("~")) {
            throw new BadValue(
                    "~ in " + quote(text) + " would not be expanded",
                    "write the whole path, or one relative to the file");
        }
        try {
            return base.resolve(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new BadValue(quote(text) + " is not a file name", "write for example " + example(key));
        }
    }

    private static String address(Key key, String text) throws BadValue {
        Matcher matcher = ADDRESS.matcher(text);
        if (!matcher.matches()) {
            throw new BadValue(
                    quote(text) + " is not HOST:PORT",
                    "write for example " + example(key) + ", or [::1]:4420 for IPv6");
        }
        if (Integer.parseInt(matcher.group(2)) > MAX_PORT) {
            throw new BadValue("port " + matcher.group(2) + " does not exist", "the highest is " + MAX_PORT);
        }
        return text;
    }

    /** {@code 3}, {@code 4-9}, or, as in a default, {@code [1, 4-9]}. */
    static BitSet zones(String text) throws BadValue {
        BitSet zones = new BitSet();
        String list = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        if (list.isBlank() && !list.equals(text)) {
            return zones;
        }
        if (list.equals(text) && text.contains(",")) {
            throw new BadValue(quote(text) + " is not a zone number", "write a list: [" + text + "]");
        }
        for (String part : list.split(",", -1)) {
            addRange(zones, part.strip());
        }
        return zones;
    }

    private static void addRange(BitSet zones, String text) throws BadValue {
        Matcher matcher = RANGE.matcher(text);
        if (!matcher.matches()) {
            throw new BadValue(quote(text) + " is not a zone number", "write for example 3, 4-9 or [1, 4-9]");
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
        if (first > last) {
            throw new BadValue("the range " + quote(text) + " runs backwards", "write " + last + "-" + first);
        }
        if (last >= ZoneGeometry.MAX_ZONES) {
            throw new BadValue("zone " + last + " cannot exist", "the highest is " + (ZoneGeometry.MAX_ZONES - 1));
        }
        zones.set(first, last + 1);
    }

    private static int mode(String text) throws BadValue {
        String digits = text.startsWith("0o") ? "0" + text.substring(2) : text;
        if (!digits.matches("[0-7]{3,4}")) {
            throw new BadValue(quote(text) + " is not a file mode in octal", "write for example 0600 or 0660");
        }
        if (digits.length() == 3) {
            throw new BadValue(quote(text) + " has no leading 0, so it may be read as decimal", "write 0" + digits);
        }
        if (digits.charAt(0) != '0') {
            throw new BadValue(quote(text) + " sets more than permissions", "write 0" + digits.substring(1));
        }
        return Integer.parseInt(digits, 8);
    }
}
