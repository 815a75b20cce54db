package io.zonewright.frontend.scsi.iscsi.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IscsiNameTest {
    @ParameterizedTest
    @CsvSource({
        "iqn.2026-11.io.zonewright:archive, iqn.2026-11.io.zonewright:archive",
        "IQN.1991-05.com.Microsoft:HOST, iqn.1991-05.com.microsoft:host",
        "iqn.2001-04.com.example, iqn.2001-04.com.example",
        "eui.02004567A425678D, eui.02004567a425678d",
        "naa.52004567BA64678D, naa.52004567ba64678d",
        "naa.62004567BA64678D0123456789ABCDEF, naa.62004567ba64678d0123456789abcdef",
        "iqn.2026-11.io.zonewright:Ａrchiv-Ä, iqn.2026-11.io.zonewright:archiv-ä"
    })
    void namesHaveOneNormalForm(String name, String normal) {
        assertEquals(normal, IscsiName.strict(name));
        assertEquals(normal, IscsiName.lenient(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "archive",
                "iqn.",
                "iqn.2026-11",
                "iqn.2026-11.",
                "iqn.2026-13.com.example",
                "iqn.26-11.com.example",
                "iqn.2026-11.com.example:a b",
                "iqn.2026-11.com.example:a,b",
                "iqn.2026-11.com.example:a\nb",
                "eui.02004567A425678",
                "eui.02004567A425678DE",
                "eui.02004567A425678G",
                "naa.02004567A425678D0",
                "nqn.2014-08.org.nvmexpress.discovery"
            })
    void whatIsNoName(String name) {
        assertNull(IscsiName.lenient(name));
        assertNull(IscsiName.strict(name));
    }

    @Test
    void ourOwnNamesKeepToTheLetter() {
        assertEquals("iqn.2008-11.org.linux-kvm:my_vm", IscsiName.lenient("iqn.2008-11.org.linux-kvm:my_vm"));
        assertNull(IscsiName.strict("iqn.2008-11.org.linux-kvm:my_vm"));
        String longest = "iqn.2026-11.com.example:" + "a".repeat(223 - 24);
        assertEquals(longest, IscsiName.strict(longest));
        assertNull(IscsiName.strict(longest + "a"));
    }
}
