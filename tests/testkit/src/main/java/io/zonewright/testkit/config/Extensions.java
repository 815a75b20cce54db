package io.zonewright.testkit.config;

import io.zonewright.api.spi.BackendExtension;
import io.zonewright.api.spi.FrontendExtension;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The front- and back-ends on the class path, found as pf4j finds them: by {@code META-INF/extensions.idx}. A test that
 * asks here for a front-end by its word needs no reference to its classes.
 */
public final class Extensions {
    private Extensions() {}

    /** The front-end for a command set over a carrier. */
    public static FrontendExtension frontend(String type, String transport) {
        return all(FrontendExtension.class).stream()
                .filter(extension ->
                        extension.type().equals(type) && extension.transport().equals(transport))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("no front-end " + type + " over " + transport + " on class path"));
    }

    /** The back-end for a medium. */
    public static BackendExtension backend(String type) {
        return all(BackendExtension.class).stream()
                .filter(extension -> extension.type().equals(type))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no back-end " + type + " on class path"));
    }

    /** New instances of everything that is a {@code kind}. */
    public static <T> List<T> all(Class<T> kind) {
        ClassLoader loader = Extensions.class.getClassLoader();
        List<T> found = new ArrayList<>();
        try {
            for (URL index : Collections.list(loader.getResources("META-INF/extensions.idx"))) {
                for (String name : names(index)) {
                    Class<?> extension = Class.forName(name, true, loader);
                    if (kind.isAssignableFrom(extension)) {
                        found.add(kind.cast(extension.getConstructor().newInstance()));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a listed extension cannot be made", e);
        }
        return found;
    }

    private static List<String> names(URL index) throws IOException {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(index.openStream(), StandardCharsets.UTF_8))) {
            // pf4j's format: a class name a line, comments after #.
            return reader.lines()
                    .map(line -> line.replaceAll("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .toList();
        }
    }
}
