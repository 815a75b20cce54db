package io.zonewright.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles a plugin as its author would, against nothing but what an author has. */
final class Archives {
    private Archives() {}

    /** Compiles the sources below {@code project} and packs them with its manifest. */
    static Path build(Path project, Path work, Path jar) throws IOException {
        Path classes = Files.createTempDirectory(work, "classes");
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(project.resolve("src"))) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
        }
        List<Path> libraries = new ArrayList<>();
        try (Stream<Path> files = Files.list(Program.home().resolve("lib"))) {
            files.filter(file -> file.getFileName()
                            .toString()
                            .matches("(zonewright-api|pf4j|slf4j-api|java-semver)-.*\\.jar"))
                    .forEach(libraries::add);
        }
        String path = String.join(":", libraries.stream().map(Path::toString).toList());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of("-d", classes.toString(), "-cp", path, "-processorpath", path, "-proc:full", "-nowarn");
            boolean good = compiler.getTask(
                            messages, manager, null, options, null, manager.getJavaFileObjectsFromPaths(sources))
                    .call();
            if (!good) {
                throw new IOException(messages.toString());
            }
        }
        try (InputStream manifestIn = Files.newInputStream(project.resolve("MANIFEST.MF"));
                OutputStream out = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(out, manifest(manifestIn));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                packed.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, packed);
            }
        }
        return jar;
    }

    private static Manifest manifest(InputStream in) throws IOException {
        Manifest manifest = new Manifest(in);
        manifest.getMainAttributes().putValue("Manifest-Version", "1.0");
        return manifest;
    }
}
