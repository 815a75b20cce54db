package io.zonewright.tests.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.zonewright.api.spi.BackendExtension;
import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.testkit.config.Extensions;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The jars of our plugins hold their own classes and nothing of the host's, so that both see the same types. */
class PluginArchivesTest {
    private static final String FRONTEND = "io/zonewright/frontend/";
    private static final String BACKEND = "io/zonewright/backend/";

    @Test
    void frontEndsBringOnlyTheirOwnClasses() throws Exception {
        List<FrontendExtension> found = Extensions.all(FrontendExtension.class);
        assertFalse(found.isEmpty());
        for (FrontendExtension extension : found) {
            assertEquals(
                    List.of(),
                    strangers(extension, FRONTEND),
                    extension.getClass().getName());
        }
    }

    @Test
    void backEndsBringOnlyTheirOwnClasses() throws Exception {
        List<BackendExtension> found = Extensions.all(BackendExtension.class);
        assertFalse(found.isEmpty());
        for (BackendExtension extension : found) {
            assertEquals(
                    List.of(),
                    strangers(extension, BACKEND),
                    extension.getClass().getName());
        }
    }

    /** Classes in the extension's archive, or directory, that are not below its own package. */
    private static List<String> strangers(Object extension, String own) throws IOException, URISyntaxException {
        Path place = Path.of(extension
                .getClass()
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> strangers = new ArrayList<>();
        for (String name : names(place)) {
            boolean code = name.endsWith(".class") || name.endsWith(".jar") || name.endsWith(".so");
            if (code && !name.startsWith(own)) {
                strangers.add(name);
            }
        }
        return strangers;
    }

    private static List<String> names(Path place) throws IOException {
        if (Files.isDirectory(place)) {
            try (Stream<Path> files = Files.walk(place)) {
                return files.map(file -> place.relativize(file).toString()).toList();
            }
        }
        try (JarFile jar = new JarFile(place.toFile())) {
            return jar.stream().map(entry -> entry.getName()).toList();
        }
    }
}
