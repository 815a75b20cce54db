package io.zonewright.daemon.plugin;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Makes plugin archives as a plugin's author would: compiled, with a descriptor and an index. */
final class PluginJar {
    private final Path work;
    private final Map<String, String> manifest = new LinkedHashMap<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final List<String> extensions = new ArrayList<>();
    private final List<Path> classPath = new ArrayList<>();

    private PluginJar(Path work) {
        this.work = work;
    }

    /** A plugin of this id, with version 1.0.0 and needing the API of today. */
    static PluginJar of(Path work, String id) {
        PluginJar jar = new PluginJar(work);
        return jar.with("Plugin-Id", id).with("Plugin-Version", "1.0.0").with("Plugin-Requires", ">=1.0.0 & <2.0.0");
    }

    /** Sets a line of the manifest; an empty value removes it. */
    PluginJar with(String attribute, String value) {
        manifest.put(attribute, value);
        manifest.values().removeIf(String::isEmpty);
        return this;
    }

    PluginJar source(String className, String text) {
        sources.put(className, text);
        return this;
    }

    /** Names an extension in the index, whether there is such a class or not. */
    PluginJar extension(String className) {
        extensions.add(className);
        return this;
    }

    PluginJar entry(String name, byte[] bytes) {
        entries.put(name, bytes);
        return this;
    }

    /** Compiles against this jar too. */
    PluginJar against(Path jar) {
        classPath.add(jar);
        return this;
    }

    /**
     * Adds a back-end.
     *
     * @param constructor what its constructor does
     * @param summary an expression for its summary
     * @param keys an expression for its keys
     */
    PluginJar backend(String className, String type, String constructor, String summary, String keys) {
        int dot = className.lastIndexOf('.');
        return extension(className).source(className, """
                        package %s;
                        import io.zonewright.api.config.*;
                        import io.zonewright.api.spi.*;
                        import java.util.List;
                        public final class %s implements BackendExtension {
                            public %s() { %s }
                            public String type() { return "%s"; }
                            public String summary() { return %s; }
                            public List<Key> keys() { return %s; }
                            public BackendPlan plan(Settings settings, DeviceIdentity device) { return null; }
                        }
                        """.formatted(
                        className.substring(0, dot),
                        className.substring(dot + 1),
                        className.substring(dot + 1),
                        constructor,
                        type,
                        summary,
                        keys));
    }

    /** A back-end that is good. */
    PluginJar backend(String className, String type) {
        return backend(className, type, "", "\"\"", "List.of()");
    }

    /** Writes the archive; {@code prefix} goes before classes, index and manifest. */
    Path write(Path file, String prefix) throws IOException {
        Map<String, byte[]> all = new LinkedHashMap<>();
        StringBuilder text = new StringBuilder("Manifest-Version: 1.0\n");
        manifest.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append('\n'));
        all.put(prefix + "META-INF/MANIFEST.MF", text.toString().getBytes(StandardCharsets.UTF_8));
        if (!extensions.isEmpty()) {
            String index = "# Generated\n" + String.join("\n", extensions) + "\n";
            all.put(prefix + "META-INF/extensions.idx", index.getBytes(StandardCharsets.UTF_8));
        }
        Path classes = compile();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path one : files.filter(Files::isRegularFile).toList()) {
                all.put(prefix + classes.relativize(one), Files.readAllBytes(one));
            }
        }
        all.putAll(entries);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : all.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return file;
    }

    Path write(Path file) throws IOException {
        return write(file, "");
    }

    private Path compile() throws IOException {
        Path classes = Files.createTempDirectory(work, "classes");
        if (sources.isEmpty()) {
            return classes;
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringBuilder path = new StringBuilder(System.getProperty("java.class.path"));
        classPath.forEach(jar -> path.append(':').append(jar));
        List<JavaFileObject> units = new ArrayList<>();
        sources.forEach((name, text) -> units.add(new Source(name, text)));
        StringWriter messages = new StringWriter();
        List<String> options = List.of("-d", classes.toString(), "-cp", path.toString(), "-proc:none", "-nowarn");
        if (!compiler.getTask(messages, null, null, options, null, units).call()) {
            throw new IOException(messages.toString());
        }
        return classes;
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String className, String text) {
            super(URI.create("string:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
