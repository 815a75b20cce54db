package io.zonewright.daemon.plugin;

import io.zonewright.api.spi.ApiVersion;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.pf4j.AbstractPluginManager;
import org.pf4j.DefaultExtensionFactory;
import org.pf4j.DefaultVersionManager;
import org.pf4j.ExtensionFactory;
import org.pf4j.ExtensionFinder;
import org.pf4j.LegacyExtensionFinder;
import org.pf4j.Plugin;
import org.pf4j.PluginDependency;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginDescriptorFinder;
import org.pf4j.PluginFactory;
import org.pf4j.PluginLoader;
import org.pf4j.PluginRepository;
import org.pf4j.PluginRuntimeException;
import org.pf4j.PluginStatusProvider;
import org.pf4j.PluginWrapper;
import org.pf4j.VersionManager;

/**
 * pf4j as this host uses it: life cycle, dependencies and versions are pf4j's; archives, class loaders and the search
 * for extensions are ours. Plugins are given to it one by one, already checked, since pf4j itself only logs what is
 * wrong with a plugin.
 */
final class HostPluginManager extends AbstractPluginManager {
    /** Filled before {@link #loadPlugin}; static creation hooks below run before this field is set and only close over it. */
    private final ConcurrentMap<Path, Candidate> candidates = new ConcurrentHashMap<>();

    private final ClassLoader host = HostPluginManager.class.getClassLoader();

    /**
     * A plugin to load.
     *
     * @param shipped part of the distribution: its classes are on the application's class path
     */
    record Candidate(PluginArchive archive, PluginDescriptor descriptor, boolean shipped) {}

    HostPluginManager() {
        super(Path.of("."));
        setSystemVersion(ApiVersion.CURRENT);
    }

    /** Gives a plugin to pf4j: resolved afterwards, not started. */
    void load(Candidate candidate) {
        Path home = candidate.archive().home();
        candidates.put(home, candidate);
        loadPlugin(home);
    }

    private Candidate candidate(Path home) {
        return Objects.requireNonNull(
                candidates.get(home), () -> "pf4j asks for " + home + ", which was not given to it");
    }

    private ClassLoader loaderOf(Candidate candidate) {
        if (candidate.shipped()) {
            return host;
        }
        List<URL> urls = new ArrayList<>();
        for (Path root : candidate.archive().roots()) {
            try {
                urls.add(root.toUri().toURL());
            } catch (MalformedURLException e) {
                throw new PluginRuntimeException(e, "{} cannot be named by a URL", root);
            }
        }
        return new DropInLoader(candidate.descriptor().getPluginId(), urls, host, () -> dependenciesOf(candidate));
    }

    private List<ClassLoader> dependenciesOf(Candidate candidate) {
        return candidate.descriptor().getDependencies().stream()
                .map(PluginDependency::getPluginId)
                .filter(id -> getPlugin(id) != null)
                .map(this::getPluginClassLoader)
                .toList();
    }

    @Override
    protected PluginRepository createPluginRepository() {
        return new PluginRepository() {
            @Override
            public List<Path> getPluginPaths() {
                return List.of();
            }

            @Override
            public boolean deletePluginPath(Path pluginPath) {
                return false;
            }
        };
    }

    @Override
    protected PluginFactory createPluginFactory() {
        return HostPluginManager::instantiate;
    }

    /** pf4j's own factory logs what is wrong and gives null; this one says it. */
    private static Plugin instantiate(PluginWrapper wrapper) {
        String name = wrapper.getDescriptor().getPluginClass();
        try {
            Class<?> type = wrapper.getPluginClassLoader().loadClass(name);
            if (Modifier.isAbstract(type.getModifiers()) || !Plugin.class.isAssignableFrom(type)) {
                throw new PluginRuntimeException(
                        "its Plugin-Class {} is not a class that extends org.pf4j.Plugin", name);
            }
            if (type == Plugin.class) {
                return new Plugin();
            }
            return (Plugin) type.getConstructor().newInstance();
        } catch (ClassNotFoundException e) {
            throw new PluginRuntimeException(e, "its Plugin-Class {} is not in the archive", name);
        } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
            throw new PluginRuntimeException(
                    e, "its Plugin-Class {} has no public constructor without arguments", name);
        } catch (InvocationTargetException e) {
            throw new PluginRuntimeException(e, "its Plugin-Class {} cannot be made: {}", name, e.getCause());
        }
    }

    @Override
    protected ExtensionFactory createExtensionFactory() {
        return new DefaultExtensionFactory();
    }

    @Override
    protected PluginDescriptorFinder createPluginDescriptorFinder() {
        return new PluginDescriptorFinder() {
            @Override
            public boolean isApplicable(Path pluginPath) {
                return true;
            }

            @Override
            public PluginDescriptor find(Path pluginPath) {
                return candidate(pluginPath).descriptor();
            }
        };
    }

    @Override
    protected ExtensionFinder createExtensionFinder() {
        return new LegacyExtensionFinder(this);
    }

    @Override
    protected PluginStatusProvider createPluginStatusProvider() {
        return new PluginStatusProvider() {
            @Override
            public boolean isPluginDisabled(String pluginId) {
                return false;
            }

            @Override
            public void disablePlugin(String pluginId) {
                throw new PluginRuntimeException("plugins are not disabled; remove {}", pluginId);
            }

            @Override
            public void enablePlugin(String pluginId) {}
        };
    }

    @Override
    protected PluginLoader createPluginLoader() {
        return new PluginLoader() {
            @Override
            public boolean isApplicable(Path pluginPath) {
                return true;
            }

            @Override
            public ClassLoader loadPlugin(Path pluginPath, PluginDescriptor pluginDescriptor) {
                return loaderOf(candidate(pluginPath));
            }
        };
    }

    @Override
    protected VersionManager createVersionManager() {
        return new DefaultVersionManager();
    }
}
