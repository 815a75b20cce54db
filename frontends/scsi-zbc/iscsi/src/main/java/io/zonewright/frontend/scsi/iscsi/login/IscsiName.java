package io.zonewright.frontend.scsi.iscsi.login;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * iSCSI names (RFC 7143, section 4.2.7): {@code iqn.yyyy-mm.reverse-domain[:anything]}, {@code eui.} and 16 hexadecimal
 * digits, {@code naa.} and 16 or 32. Compared in their normal form, lower case and NFKC (RFC 3722).
 */
public final class IscsiName {
    /** Longest name, bytes of UTF-8. */
    public static final int MAX_BYTES = 223;

    private IscsiName() {}

    /**
     * The normal form of a name that a peer uses: of the right type, with nothing in it that could be mistaken in a list, a
     * log or a TransportID. Other characters than RFC 3722 has, such as an underscore, are in use and harmless.
     *
     * @return null if it is no name
     */
    public static @Nullable String lenient(String name) {
        String normal = normal(name);
        boolean good = typed(normal) && normal.codePoints().allMatch(IscsiName::printable);
        return good && normal.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES ? normal : null;
    }

    /**
     * The normal form of a name of our own, which has to keep to the letter.
     *
     * @return null if it is no name
     */
    public static @Nullable String strict(String name) {
        String normal = lenient(name);
        return normal != null && normal.codePoints().allMatch(IscsiName::standard) ? normal : null;
    }

    private static String normal(String name) {
        return Normalizer.normalize(name.toLowerCase(Locale.ROOT), Normalizer.Form.NFKC);
    }

    private static boolean typed(String normal) {
        return normal.matches("iqn\\.\\d{4}-(0[1-9]|1[0-2])\\.[^.:][^:]*(:.*)?")
                || normal.matches("eui\\.[0-9a-f]{16}")
                || normal.matches("naa\\.([0-9a-f]{16}|[0-9a-f]{32})");
    }

    private static boolean printable(int c) {
        return c > ' ' && c != ',' && c != 0x7F && (c < 0x80 || Character.isLetterOrDigit(c));
    }

    private static boolean standard(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == ':'
                || (c >= 0x80 && Character.isLetterOrDigit(c));
    }
}
