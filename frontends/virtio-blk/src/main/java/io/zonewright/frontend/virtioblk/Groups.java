package io.zonewright.frontend.virtioblk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Numbers of groups by name, from a file as group(5) describes it. Java has no call for that, and a directory service
 * is out of reach: such a group is given by its number.
 */
record Groups(Path file) {
    static final Groups SYSTEM = new Groups(Path.of("/etc/group"));

    private static final int NAME_FIELD = 0;
    private static final int NUMBER_FIELD = 2;

    /** The group's number, or the number itself if it is one; nothing if there is no such group. */
    OptionalInt number(String name) {
        OptionalInt number = parse(name);
        return number.isPresent() ? number : find(name);
    }

    private OptionalInt find(String name) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return OptionalInt.empty();
        }
        for (String line : lines) {
            String[] fields = line.split(":", -1);
            if (fields.length > NUMBER_FIELD && fields[NAME_FIELD].equals(name)) {
                return parse(fields[NUMBER_FIELD]);
            }
        }
        return OptionalInt.empty();
    }

    private static OptionalInt parse(String digits) {
        if (digits.isEmpty() || digits.length() > 9 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(Integer.parseInt(digits));
    }
}
