package io.zonewright.daemon.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as written in the YAML: sizes and times. */
public final class Quantities {
    private static final Pattern NUMBER_AND_UNIT =
            Pattern.compile("([+-]?[0-9]{1,19}(?:\\.[0-9]{1,9})?) ?([^0-9. ].*)?");

    private static final SequencedMap<String, Long> SIZES = new LinkedHashMap<>();
    private static final SequencedMap<String, Long> TIMES = new LinkedHashMap<>();

    static {
        SIZES.put("B", 1L);
        String[] prefixes = {"k", "M", "G", "T", "P"};
        long decimal = 1;
        for (int i = 0; i < prefixes.length; i++) {
            decimal *= 1000;
            SIZES.put(i == 0 ? "KiB" : prefixes[i] + "iB", 1L << (10 * (i + 1)));
            SIZES.put(prefixes[i] + "B", decimal);
        }
        TIMES.put("ns", 1L);
        TIMES.put("us", 1_000L);
        TIMES.put("ms", 1_000_000L);
        TIMES.put("s", 1_000_000_000L);
        TIMES.put("min", 60_000_000_000L);
        TIMES.put("h", 3_600_000_000_000L);
    }

    private Quantities() {}

    /** Bytes. */
    static long size(String text) throws BadValue {
        String example = "write for example 512, 4KiB, 64GiB or 2TB";
        Matcher matcher = match(text, "size", example);
        String unit = matcher.group(2);
        Long factor = unit == null ? Long.valueOf(1) : SIZES.get(unit);
        if (factor == null) {
            throw new BadValue(
                    "unknown unit \"" + shorten(unit) + "\" in " + quote(text), sizeUnit(matcher.group(1), unit));
        }
        return times(text, matcher.group(1), factor, "size", "bytes", example);
    }

    /** A span of time; 0 needs no unit. */
    static Duration duration(String text) throws BadValue {
        String example = "write for example 50us, 3ms, 10s or 2min";
        Matcher matcher = match(text, "time", example);
        String number = matcher.group(1);
        String unit = matcher.group(2);
        if (unit == null) {
            if (new BigDecimal(number).signum() == 0) {
                return Duration.ZERO;
            }
            throw new BadValue(
                    "the time " + quote(text) + " has no unit",
                    "write " + number + "us, " + number + "ms or " + number + "s");
        }
        Long factor = TIMES.get(unit);
        if (factor == null) {
            throw new BadValue(
                    "unknown unit \"" + shorten(unit) + "\" in " + quote(text), timeUnit(number, unit, example));
        }
        return Duration.ofNanos(times(text, number, factor, "time", "nanoseconds", example));
    }

    /** {@code bytes} as one would write it: the largest binary unit that divides it. */
    public static String formatSize(long bytes) {
        String best = bytes + "B";
        for (Map.Entry<String, Long> unit : SIZES.entrySet()) {
            boolean binary = unit.getKey().endsWith("iB");
            if (binary && bytes != 0 && bytes % unit.getValue() == 0) {
                best = bytes / unit.getValue() + unit.getKey();
            }
        }
        return best;
    }

    private static Matcher match(String text, String noun, String example) throws BadValue {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        if (!matcher.matches()) {
            throw new BadValue(quote(text) + " is not a " + noun, example);
        }
        return matcher;
    }

    private static long times(String text, String number, long factor, String noun, String unit, String example)
            throws BadValue {
        BigDecimal value = new BigDecimal(number).multiply(BigDecimal.valueOf(factor));
        if (value.signum() < 0) {
            throw new BadValue("the " + noun + " " + quote(text) + " is negative", example);
        }
        if (value.stripTrailingZeros().scale() > 0) {
            throw new BadValue(quote(text) + " is not a whole number of " + unit, "use a smaller unit");
        }
        if (value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new BadValue(
                    "the " + noun + " " + quote(text) + " is too large", "the most is " + Long.MAX_VALUE + " " + unit);
        }
        return value.longValueExact();
    }

    /** {@code 64G} may mean either power; everything else is a matter of upper and lower case. */
    private static String sizeUnit(String number, String unit) {
        String lower = unit.toLowerCase(Locale.ROOT);
        for (String known : SIZES.keySet()) {
            if (known.toLowerCase(Locale.ROOT).equals(lower)) {
                return "write " + number + known;
            }
        }
        List<String> fits = new ArrayList<>();
        for (String known : SIZES.keySet()) {
            if (lower.length() == 1 && known.toLowerCase(Locale.ROOT).startsWith(lower)) {
                fits.add(number + known);
            }
        }
        if (fits.size() == 2) {
            return "write " + fits.getFirst() + " (powers of 1024) or " + fits.getLast() + " (powers of 1000)";
        }
        return "units are " + String.join(", ", SIZES.keySet());
    }

    private static String timeUnit(String number, String unit, String example) {
        String meant = switch (unit.toLowerCase(Locale.ROOT)) {
            case "µs", "μs", "usec", "micros" -> "us";
            case "msec", "millis" -> "ms";
            case "sec", "secs", "second", "seconds" -> "s";
            case "m", "mins", "minute", "minutes" -> "min";
            case "hour", "hours" -> "h";
            default -> {
                String lower = unit.toLowerCase(Locale.ROOT);
                yield TIMES.containsKey(lower) ? lower : "";
            }
        };
        return meant.isEmpty() ? example : "write " + number + meant;
    }

    /** A user's text in a message: quoted, bounded, on one line. */
    static String quote(String text) {
        return "\"" + shorten(text) + "\"";
    }

    static String shorten(String text) {
        String cut = text.length() <= 60 ? text : text.substring(0, 57) + "...";
        StringBuilder line = new StringBuilder();
        cut.chars().forEach(c -> line.append(Character.isISOControl(c) ? '?' : (char) c));
        return line.toString();
    }
}
