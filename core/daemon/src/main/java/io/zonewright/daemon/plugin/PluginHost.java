package io.zonewright.daemon.plugin;

import io.zonewright.api.spi.ApiVersion;
import io.zonewright.api.spi.BackendExtension;
import io.zonewright.api.spi.FrontendExtension;
import io.zonewright.daemon.config.KeyDeclarations;
import io.zonewright.daemon.plugin.HostPluginManager.Candidate;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pf4j.PluginDependency;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginRuntimeException;
import org.pf4j.PluginState;
import org.pf4j.PluginWrapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the plugins of a distribution and those dropped into directories. A plugin that cannot be used is left out,
 * and {@link #faults} says why. For one thread.
 */
public final class PluginHost implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PluginHost.class);
    private static final Pattern WORD = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    private final HostPluginManager manager = new HostPluginManager();
    private final Unpacker unpacker = new Unpacker();
    private final Catalogue catalogue = new Catalogue();
    private final List<PluginInfo> plugins = new ArrayList<>();
    private final List<PluginFault> faults = new ArrayList<>();

    /** Loads and starts the plugins of {@code layout}. */
    public PluginHost(PluginDirs layout) {
        List<Candidate> waiting = new ArrayList<>();
        layout.shipped().ifPresent(dir -> collect(dir, true, waiting));
        for (Path dir : layout.dropIns()) {
            collect(dir, false, waiting);
        }
        loadInOrder(waiting);
    }

    /** The front- and back-ends of all plugins in use. */
    public Catalogue catalogue() {
        return catalogue;
    }

    /** The plugins in use, in the order they were loaded. */
    public List<PluginInfo> plugins() {
        return List.copyOf(plugins);
    }

    /** The plugins that are not in use. */
    public List<PluginFault> faults() {
        return List.copyOf(faults);
    }

    /** Stops the plugins, the last first. Nothing that they made may be in use any more. */
    @Override
    public void close() {
        for (PluginInfo plugin : plugins.reversed()) {
            try {
                manager.unloadPlugin(plugin.id());
            } catch (PluginRuntimeException | LinkageError e) {
                LOG.warn("plugin {} did not stop cleanly: {}", plugin.id(), e.toString());
            }
        }
        unpacker.close();
    }

    private void collect(Path dir, boolean shipped, List<Candidate> found) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir, "*.{jar,zip}")) {
            entries.forEach(files::add);
        } catch (IOException e) {
            String reason = Files.exists(dir) ? "cannot be searched: " + e.getMessage() : "does not exist";
            faults.add(new PluginFault(dir, reason + "; make the directory, or do not name it"));
            return;
        }
        files.sort(null);
        for (Path file : files) {
            if (file.getFileName().toString().startsWith(".")) {
                continue;
            }
            try {
                PluginArchive archive = archive(file);
                found.add(new Candidate(archive, archive.descriptor(), shipped));
            } catch (PluginFaultException e) {
                fault(file, e.text(), e);
            }
        }
    }

    private PluginArchive archive(Path file) throws PluginFaultException {
        if (file.toString().endsWith(".jar")) {
            return PluginArchive.ofJar(file);
        }
        try {
            return PluginArchive.ofDirectory(file, unpacker.unpack(file));
        } catch (IOException e) {
            throw new PluginFaultException("cannot be read: " + e.getMessage(), e);
        }
    }

    /** Repeats until nothing moves, so that a plugin is loaded after those it depends on, whatever their file names. */
    private void loadInOrder(List<Candidate> waiting) {
        boolean moved = true;
        while (moved) {
            moved = false;
            for (Iterator<Candidate> iterator = waiting.iterator(); iterator.hasNext(); ) {
                Candidate candidate = iterator.next();
                if (missingDependency(candidate).isEmpty()) {
                    iterator.remove();
                    load(candidate);
                    moved = true;
                }
            }
        }
        for (Candidate candidate : waiting) {
            String missing = missingDependency(candidate).orElse("");
            fault(
                    candidate.archive().source(),
                    "needs the plugin " + missing + ", which is not in use; install it too",
                    null);
        }
    }

    private Optional<String> missingDependency(Candidate candidate) {
        return candidate.descriptor().getDependencies().stream()
                .filter(dependency -> !dependency.isOptional())
                .map(PluginDependency::getPluginId)
                .filter(id -> manager.getPlugin(id) == null)
                .findFirst();
    }

    private void load(Candidate candidate) {
        PluginDescriptor descriptor = candidate.descriptor();
        Path source = candidate.archive().source();
        String id = descriptor.getPluginId();
        PluginWrapper first = manager.getPlugin(id);
        if (first != null) {
            String other = plugins.stream()
                    .filter(plugin -> plugin.id().equals(id))
                    .map(plugin -> plugin.source().toString())
                    .findFirst()
                    .orElse("another");
            fault(source, "has the id " + id + ", and so has " + other + "; remove one of them", null);
            return;
        }
        try {
            checkVersion(descriptor);
            manager.load(candidate);
            if (manager.startPlugin(id) != PluginState.STARTED) {
                throw new PluginFaultException("did not start");
            }
            List<String> extensions = extensions(candidate, manager.getPluginClassLoader(id));
            if (!candidate.shipped()) {
                warnOfHostClasses(candidate);
            }
            plugins.add(new PluginInfo(
                    id,
                    descriptor.getVersion(),
                    descriptor.getPluginDescription(),
                    source,
                    candidate.shipped(),
                    extensions));
        } catch (PluginFaultException e) {
            drop(id, source, e.text(), e);
        } catch (PluginRuntimeException e) {
            drop(id, source, "(" + id + ") cannot be used: " + e.getMessage(), e);
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            drop(id, source, "(" + id + ") failed when it was started: " + describe(e), e);
        }
    }

    private void checkVersion(PluginDescriptor descriptor) throws PluginFaultException {
        String requires = descriptor.getRequires();
        try {
            manager.getVersionManager().compareVersions(descriptor.getVersion(), descriptor.getVersion());
        } catch (RuntimeException e) {
            throw new PluginFaultException(
                    "has the version " + descriptor.getVersion() + ", which is not like 1.0.0; correct Plugin-Version",
                    e);
        }
        try {
            if (!manager.getVersionManager().checkVersionConstraint(ApiVersion.CURRENT, requires)) {
                throw new PluginFaultException("(" + descriptor.getPluginId() + " " + descriptor.getVersion()
                        + ") needs version " + requires + " of the API, and this Zonewright has " + ApiVersion.CURRENT
                        + "; install a release of the plugin that was made for it");
            }
        } catch (RuntimeException e) {
            throw new PluginFaultException(
                    "says that it needs version " + requires
                            + " of the API, which is not understood; write Plugin-Requires: >=1.0.0 & <2.0.0",
                    e);
        }
    }

    private List<String> extensions(Candidate candidate, ClassLoader loader) throws PluginFaultException {
        SequencedSet<String> classes = candidate.archive().extensionClasses();
        if (classes.isEmpty()) {
            throw new PluginFaultException("brings no front-end and no back-end: its " + PluginArchive.INDEX
                    + " is missing or empty; compile it with pf4j as annotation processor (-proc:full)");
        }
        List<String> names = new ArrayList<>();
        for (String name : classes) {
            names.add(register(candidate.descriptor().getPluginId(), instantiate(name, loader)));
        }
        return names;
    }

    private static Object instantiate(String name, ClassLoader loader) throws PluginFaultException {
        try {
            return Class.forName(name, true, loader).getConstructor().newInstance();
        } catch (ClassNotFoundException e) {
            throw new PluginFaultException(
                    "names the extension " + name + ", which is not in the archive; build it again", e);
        } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
            throw new PluginFaultException(
                    "has the extension " + name + " without a public constructor without arguments", e);
        } catch (InvocationTargetException e) {
            throw new PluginFaultException(
                    "has the extension " + name + ", whose constructor failed: " + describe(e.getCause()), e);
        } catch (LinkageError e) {
            throw new PluginFaultException("has the extension " + name + ", which cannot be linked: " + describe(e), e);
        }
    }

    private String register(String id, Object extension) throws PluginFaultException {
        String name = extension.getClass().getName();
        try {
            return switch (extension) {
                case BackendExtension backend -> registerBackend(id, backend);
                case FrontendExtension frontend -> registerFrontend(id, frontend);
                default ->
                    throw new PluginFaultException("has the extension " + name
                            + ", which is neither a BackendExtension nor a FrontendExtension");
            };
        } catch (RuntimeException | LinkageError e) {
            throw new PluginFaultException("has the extension " + name + " with a defect: " + describe(e), e);
        }
    }

    private String registerBackend(String id, BackendExtension backend) throws PluginFaultException {
        requireWord(backend.type());
        KeyDeclarations.check(backend.keys(), List.of("type"));
        Optional<Contribution<BackendExtension>> first = catalogue.add(id, backend);
        if (first.isPresent()) {
            throw clash("back-end " + backend.type(), first.get().pluginId());
        }
        return "back-end " + backend.type();
    }

    private String registerFrontend(String id, FrontendExtension frontend) throws PluginFaultException {
        requireWord(frontend.type());
        requireWord(frontend.transport());
        KeyDeclarations.check(frontend.keys(), List.of("type", "transport"));
        String name = "front-end " + frontend.type() + " over " + frontend.transport();
        Optional<Contribution<FrontendExtension>> first = catalogue.add(id, frontend);
        if (first.isPresent()) {
            throw clash(name, first.get().pluginId());
        }
        return name;
    }

    private static void requireWord(String word) {
        if (!WORD.matcher(word).matches()) {
            throw new IllegalArgumentException("the type \"" + word + "\" is not lower case with hyphens");
        }
    }

    private static PluginFaultException clash(String what, String other) {
        return new PluginFaultException(
                "brings the " + what + ", and so does the plugin " + other + "; remove one of them");
    }

    private static void warnOfHostClasses(Candidate candidate) throws IOException {
        Optional<String> entry = candidate.archive().hostEntry();
        if (entry.isPresent()) {
            LOG.warn(
                    "plugin {} brings {}, which is the host's: its copy is not used; leave it out of the archive",
                    candidate.archive().source(),
                    entry.get());
        }
    }

    private void drop(String id, Path source, String message, Throwable cause) {
        catalogue.remove(id);
        try {
            manager.unloadPlugin(id);
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("plugin {} could not be unloaded", id, e);
        }
        fault(source, message, cause);
    }

    private void fault(Path source, String message, @Nullable Throwable cause) {
        faults.add(new PluginFault(source, message.replace('\n', ' ')));
        LOG.debug("plugin {} is not used", source, cause);
    }

    /** What a plugin threw, in one line. */
    private static String describe(@Nullable Throwable thrown) {
        if (thrown instanceof NoClassDefFoundError missing && missing.getMessage() != null) {
            return "the class " + missing.getMessage().replace('/', '.') + " is neither in the archive nor in the API";
        }
        return String.valueOf(thrown).lines().findFirst().orElse("");
    }
}
