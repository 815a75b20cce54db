package io.zonewright.frontend.scsi.iscsi.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {
    /** Written with | for the zero byte, and \ xx for any byte. */
    private static List<KeyValue> read(String text) throws TextException {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                bytes.append((char) Integer.parseInt(text.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.append(c == '|' ? '\0' : c);
            }
        }
        return TextReader.read(
                bytes.toString().getBytes(StandardCharsets.ISO_8859_1), key -> key.equals("Long") ? 300 : 255);
    }

    @Test
    void pairsAreRead() throws Exception {
        assertEquals(
                List.of(new KeyValue("A", "1"), new KeyValue("X-com.example+a@b_c-d#e", ""), new KeyValue("B", "c=d")),
                read("A=1|X-com.example+a@b_c-d#e=|B=c=d|"));
        assertEquals(List.of(new KeyValue("iSCSIProtocolLevel", "1")), read("iSCSIProtocolLevel=1|"));
        assertEquals(List.of(new KeyValue("A", "ä€")), read("A=\\c3\\a4\\e2\\82\\ac|"));
        assertEquals(List.of(), read(""));
        assertEquals(List.of(new KeyValue("A", "1"), new KeyValue("B", "2")), read("||A=1|||B=2||||"));
        assertEquals(63, read("A".repeat(63) + "=1|").getFirst().key().length());
        assertEquals(255, read("A=" + "v".repeat(255) + "|").getFirst().value().length());
        assertEquals(
                300, read("Long=" + "v".repeat(300) + "|").getFirst().value().length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "A=1",
                "A|",
                "=1|",
                "a=1|",
                "1=1|",
                "A b=1|",
                "A\\e4=1|",
                "A=\\01|",
                "A=\\7f|",
                "A=\\0a|",
                "A=\\c3|",
                "A=\\ff|",
                "A=\\ed\\a0\\80|",
                "A=1|A=1|",
                "A=1|B"
            })
    void textOutOfFormatIsRefused(String text) {
        assertThrows(TextException.class, () -> read(text));
    }

    @Test
    void lengthsAreBounded() {
        assertThrows(TextException.class, () -> read("A".repeat(64) + "=1|"));
        assertThrows(TextException.class, () -> read("A=" + "v".repeat(256) + "|"));
        assertThrows(TextException.class, () -> read("Long=" + "v".repeat(301) + "|"));
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 129; i++) {
            many.append("A").append(i).append("=1|");
        }
        assertEquals(
                "more than 128 keys",
                assertThrows(TextException.class, () -> read(many.toString())).getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "16777215, 16777215",
        "0x0, 0",
        "0x200, 512",
        "0XfF, 255",
        "999999999999999999, 999999999999999999",
        "1000000000000000000, -1",
        "0x1000000000000000, -1",
        "00, -1",
        "01, -1",
        "'', -1",
        "0x, -1",
        "-1, -1",
        "+1, -1",
        "1 , 1",
        "' 1', -1",
        "1a, -1",
        "0xg, -1",
        "٣, -1"
    })
    void numbers(String value, long number) {
        assertEquals(number, Values.number(value));
    }

    @ParameterizedTest
    @CsvSource({
        "0x00ff, 00ff",
        "0XAbC, 0abc",
        "0bAP8=, 00ff",
        "0B//79, fffefd",
        "0x, ",
        "0b, ",
        "00ff, ",
        "0xzz, ",
        "0bA, ",
        "0x000102030405060708, ",
        "0bAAECAwQFBgcI, "
    })
    void binaries(String value, String hex) {
        byte[] bytes = Values.binary(value, 8);
        if (hex == null) {
            assertNull(bytes);
        } else {
            assertArrayEquals(HexFormat.of().parseHex(hex), bytes);
        }
    }

    @Test
    void lists() {
        assertEquals(List.of("CRC32C", "None"), Values.list("CRC32C,None"));
        assertEquals(List.of("", ""), Values.list(","));
        assertEquals(List.of(""), Values.list(""));
    }

    @Test
    void answersAreGivenOutInParts() {
        TextWriter writer = new TextWriter();
        writer.put("A", "ä");
        writer.put("Bc", 12);
        assertArrayEquals("A=\u00c3".getBytes(StandardCharsets.ISO_8859_1), writer.take(3));
        assertEquals(false, writer.isEmpty());
        writer.put("D", "");
        assertArrayEquals("\u00a4\0Bc=12\0D=\0".getBytes(StandardCharsets.ISO_8859_1), writer.take(100));
        assertEquals(true, writer.isEmpty());
        assertEquals(0, writer.take(100).length);
        writer.put("E", "1");
        writer.clear();
        assertEquals(true, writer.isEmpty());
    }
}
