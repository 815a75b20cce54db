package io.zonewright.daemon.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.SequencedSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.pf4j.DefaultPluginDescriptor;
import org.pf4j.ManifestPluginDescriptorFinder;
import org.pf4j.Plugin;
import org.pf4j.PluginDependency;
import org.pf4j.PluginDescriptor;

/**
 * The files of one plugin: a jar, or an unpacked zip with {@code classes/}, {@code lib/*.jar} or jars at its top.
 *
 * @param source the jar or zip, for messages
 * @param home the jar, or the directory that the zip was unpacked to
 * @param roots jars and directories that hold classes
 */
record PluginArchive(Path source, Path home, List<Path> roots) {
    static final String INDEX = "META-INF/extensions.idx";

    private static final String MANIFEST = "META-INF/MANIFEST.MF";
    private static final String PROPERTIES = "plugin.properties";
    private static final String ADD_DESCRIPTOR =
            "add Plugin-Id, Plugin-Version and Plugin-Requires to its META-INF/MANIFEST.MF";
    private static final int MAX_INDEX_BYTES = 1 << 20;

    PluginArchive {
        roots = List.copyOf(roots);
    }

    /** A plugin in one jar. */
    static PluginArchive ofJar(Path jar) {
        return new PluginArchive(jar, jar, List.of(jar));
    }

    /** A plugin that was unpacked to {@code directory}. */
    static PluginArchive ofDirectory(Path source, Path directory) throws IOException {
        List<Path> roots = new ArrayList<>();
        if (Files.isDirectory(directory.resolve("classes"))) {
            roots.add(directory.resolve("classes"));
        }
        if (Files.exists(directory.resolve(MANIFEST))) {
            roots.add(directory);
        }
        for (Path folder : List.of(directory, directory.resolve("lib"))) {
            if (Files.isDirectory(folder)) {
                try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
                    List<Path> sorted = new ArrayList<>();
                    jars.forEach(sorted::add);
                    sorted.sort(null);
                    roots.addAll(sorted);
                }
            }
        }
        return new PluginArchive(source, directory, roots);
    }

    /** Who the plugin says it is. */
    PluginDescriptor descriptor() throws PluginFaultException {
        Properties properties = new Properties();
        Path file = home.resolve(PROPERTIES);
        try {
            if (Files.isRegularFile(file)) {
                try (Reader reader = Files.newBufferedReader(file)) {
                    properties.load(reader);
                }
                return fromProperties(properties);
            }
            for (Path root : roots) {
                Optional<Attributes> attributes = manifest(root);
                if (attributes.isPresent()
                        && attributes.get().getValue(ManifestPluginDescriptorFinder.PLUGIN_ID) != null) {
                    return fromManifest(attributes.get());
                }
            }
        } catch (ZipException e) {
            throw new PluginFaultException("is not a jar: " + e.getMessage() + "; build it again, or remove it", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new PluginFaultException("cannot be read: " + e.getMessage() + "; build it again, or remove it", e);
        }
        throw new PluginFaultException("is not a plugin: it has no descriptor; " + ADD_DESCRIPTOR);
    }

    /** Names of the classes that the plugin offers as extensions, in the order of its indexes. */
    SequencedSet<String> extensionClasses() throws PluginFaultException {
        SequencedSet<String> names = new LinkedHashSet<>();
        try {
            for (Path root : roots) {
                index(root)
                        .lines()
                        .map(line -> line.replaceFirst("#.*", "").strip())
                        .filter(line -> !line.isEmpty())
                        .forEach(names::add);
            }
        } catch (IOException e) {
            throw new PluginFaultException("cannot be read: " + e.getMessage(), e);
        }
        return names;
    }

    /** The first class file or resource in the archive that is the host's, if there is one. */
    Optional<String> hostEntry() throws IOException {
        for (Path root : roots) {
            if (Files.isDirectory(root)) {
                try (var files = Files.walk(root)) {
                    Optional<String> found = files.map(
                                    file -> root.relativize(file).toString())
                            .filter(name -> name.endsWith(".class") && HostClasses.containsEntry(name))
                            .findFirst();
                    if (found.isPresent()) {
                        return found;
                    }
                }
            } else {
                try (ZipFile zip = new ZipFile(root.toFile())) {
                    Optional<String> found = zip.stream()
                            .map(ZipEntry::getName)
                            .filter(name -> name.endsWith(".class") && HostClasses.containsEntry(name))
                            .findFirst();
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Attributes> manifest(Path root) throws IOException {
        if (Files.isDirectory(root)) {
            Path file = root.resolve(MANIFEST);
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            try (InputStream in = Files.newInputStream(file)) {
                return Optional.of(new Manifest(in).getMainAttributes());
            }
        }
        try (JarFile jar = new JarFile(root.toFile())) {
            return Optional.ofNullable(jar.getManifest()).map(Manifest::getMainAttributes);
        }
    }

    private static String index(Path root) throws IOException {
        if (Files.isDirectory(root)) {
            Path file = root.resolve(INDEX);
            if (!Files.isRegularFile(file)) {
                return "";
            }
            try (InputStream in = Files.newInputStream(file)) {
                return new String(in.readNBytes(MAX_INDEX_BYTES), StandardCharsets.UTF_8);
            }
        }
        try (ZipFile zip = new ZipFile(root.toFile())) {
            ZipEntry entry = zip.getEntry(INDEX);
            if (entry == null) {
                return "";
            }
            try (InputStream in = zip.getInputStream(entry)) {
                return new String(in.readNBytes(MAX_INDEX_BYTES), StandardCharsets.UTF_8);
            }
        }
    }

    private static PluginDescriptor fromManifest(Attributes manifest) throws PluginFaultException {
        return descriptor(
                manifest.getValue(ManifestPluginDescriptorFinder.PLUGIN_ID),
                manifest.getValue(ManifestPluginDescriptorFinder.PLUGIN_DESCRIPTION),
                manifest.getValue(ManifestPluginDescriptorFinder.PLUGIN_CLASS),
                manifest.getValue(ManifestPluginDescriptorFinder.PLUGIN_VERSION),
                manifest.getValue(ManifestPluginDescriptorFinder.PLUGIN_REQUIRES),
                manifest.getValue(ManifestPluginDescriptorFinder.PLUGIN_PROVIDER),
                manifest.getValue(ManifestPluginDescriptorFinder.PLUGIN_DEPENDENCIES));
    }

    private static PluginDescriptor fromProperties(Properties properties) throws PluginFaultException {
        return descriptor(
                properties.getProperty("plugin.id"),
                properties.getProperty("plugin.description"),
                properties.getProperty("plugin.class"),
                properties.getProperty("plugin.version"),
                properties.getProperty("plugin.requires"),
                properties.getProperty("plugin.provider"),
                properties.getProperty("plugin.dependencies"));
    }

    private static PluginDescriptor descriptor(
            @Nullable String id,
            @Nullable String description,
            @Nullable String pluginClass,
            @Nullable String version,
            @Nullable String requires,
            @Nullable String provider,
            @Nullable String dependencies)
            throws PluginFaultException {
        if (id == null || !id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
            throw new PluginFaultException("is not a plugin: its Plugin-Id is missing or odd; " + ADD_DESCRIPTOR);
        }
        if (version == null || version.isBlank()) {
            throw new PluginFaultException("names no version; add Plugin-Version: 1.0.0 to its descriptor");
        }
        if (requires == null || requires.isBlank()) {
            throw new PluginFaultException(
                    "does not say which API it needs; add Plugin-Requires: >=1.0.0 & <2.0.0 to its descriptor");
        }
        DefaultPluginDescriptor descriptor = new DefaultPluginDescriptor(
                id,
                description == null ? "" : description,
                pluginClass == null || pluginClass.isBlank() ? Plugin.class.getName() : pluginClass.strip(),
                version.strip(),
                requires.strip(),
                provider == null ? "" : provider,
                "");
        if (dependencies != null) {
            for (String dependency : dependencies.split(",", -1)) {
                if (!dependency.isBlank()) {
                    descriptor.addDependency(new PluginDependency(dependency.strip()));
                }
            }
        }
        return descriptor;
    }
}
