package io.zonewright.daemon.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How to attach to a device, for a person; from the same map that programs get as JSON. */
final class AttachText {
    private AttachText() {}

    /** Prints one device's endpoints. Commands stand alone on their lines, so that they can be copied. */
    static void print(PrintWriter out, Map<?, ?> device) {
        for (Map<?, ?> endpoint : maps(device.get("endpoints"))) {
            out.println(device.get("device") + ": " + endpoint.get("type") + " over " + endpoint.get("transport")
                    + " at " + endpoint.get("endpoint"));
            for (Map<?, ?> hint : maps(endpoint.get("hints"))) {
                out.println("  with " + hint.get("client") + ":");
                list(hint.get("commands")).forEach(command -> out.println("    " + command));
                list(hint.get("notes")).forEach(note -> out.println("  " + note));
            }
        }
        out.flush();
    }

    static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    static List<Map<?, ?>> maps(@Nullable Object value) {
        return list(value).stream()
                .<Map<?, ?>>mapMulti((item, sink) -> {
                    if (item instanceof Map<?, ?> map) {
                        sink.accept(map);
                    }
                })
                .toList();
    }
}
