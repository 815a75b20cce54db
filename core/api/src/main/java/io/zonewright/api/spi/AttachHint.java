package io.zonewright.api.spi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * How a client attaches to an endpoint, for {@code zonewright attach}.
 *
 * @param client the program, "QEMU"
 * @param commands complete arguments or command lines to copy, one a line
 * @param notes what else to know, one sentence each
 * @param properties the same facts for programs: {@code socket}, {@code queues} …, in this order
 */
public record AttachHint(
        String client, List<String> commands, List<String> notes, SequencedMap<String, String> properties) {
    public AttachHint {
        commands = List.copyOf(commands);
        notes = List.copyOf(notes);
        properties = new LinkedHashMap<>(properties);
    }

    /** Without notes. */
    public static AttachHint of(String client, List<String> commands, Map<String, String> properties) {
        return new AttachHint(client, commands, List.of(), new LinkedHashMap<>(properties));
    }
}
