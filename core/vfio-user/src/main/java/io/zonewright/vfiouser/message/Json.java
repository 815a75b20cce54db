package io.zonewright.vfiouser.message;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON that version messages carry (RFC 8259), bounded in depth; its length is bounded by the message. Objects
 * become maps, arrays lists, numbers longs or doubles, null becomes {@link #NULL}.
 */
final class Json {
    /** What {@code null} becomes. */
    static final Object NULL = new Object();

    private static final int MAX_DEPTH = 8;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** The value that is all of {@code text}. */
    static Object parse(String text) throws RequestException {
        Json json = new Json(text);
        Object value = json.value(0);
        json.skipSpace();
        if (json.at != text.length()) {
            throw json.wrong();
        }
        return value;
    }

    private Object value(int depth) throws RequestException {
        skipSpace();
        if (at == text.length() || depth > MAX_DEPTH) {
            throw wrong();
        }
        return switch (text.charAt(at)) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", NULL);
            default -> number();
        };
    }

    private Map<String, Object> object(int depth) throws RequestException {
        Map<String, Object> result = new LinkedHashMap<>();
        at++;
        if (next('}')) {
            return result;
        }
        do {
            skipSpace();
            String name = string();
            expect(':');
            result.put(name, value(depth + 1));
        } while (next(','));
        expect('}');
        return result;
    }

    private List<Object> array(int depth) throws RequestException {
        List<Object> result = new ArrayList<>();
        at++;
        if (next(']')) {
            return result;
        }
        do {
            result.add(value(depth + 1));
        } while (next(','));
        expect(']');
        return result;
    }

    private String string() throws RequestException {
        if (at == text.length() || text.charAt(at) != '"') {
            throw wrong();
        }
        at++;
        StringBuilder result = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return result.toString();
            }
            if (c < ' ') {
                break;
            }
            result.append(c == '\\' ? escaped() : c);
        }
        throw wrong();
    }

    private char escaped() throws RequestException {
        if (at == text.length()) {
            throw wrong();
        }
        char c = text.charAt(at++);
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw wrong();
        };
    }

    private char unicode() throws RequestException {
        int result = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                throw wrong();
            }
            result = result << 4 | digit;
            at++;
        }
        return (char) result;
    }

    private Object word(String word, Object value) throws RequestException {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
        return value;
    }

    private Object number() throws RequestException {
        int begin = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(begin, at);
        try {
            if (digits.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'))) {
                return Long.parseLong(digits);
            }
            return Double.parseDouble(digits);
        } catch (NumberFormatException e) {
            throw wrong();
        }
    }

    private boolean next(char c) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) throws RequestException {
        if (!next(c)) {
            throw wrong();
        }
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private RequestException wrong() {
        return RequestException.invalid("the version data is not JSON, at byte " + at);
    }
}
