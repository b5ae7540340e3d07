using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using McMaster.NETCore.Plugins.Loader;
using Microsoft.Extensions.DependencyInjection;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Binding;
using TransformFramework.Execution;
using TransformFramework.ModelFiles;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>The plugins of a run: found and checked by their metadata, loaded one by one when something of theirs is needed. Thread-safe.</summary>
public sealed class PluginCatalog : ITransformSource
{
    private static readonly AssemblyLoadContext SharedContext = new AbstractionsContext();

    /// <summary>What host and plugins exchange types of: the contract, and the assemblies of .NET that its types are made of.</summary>
    private static readonly AssemblyName[] SharedAssemblies = [typeof(ITransform).Assembly.GetName(), .. typeof(ITransform).Assembly.GetReferencedAssemblies()];

    private static readonly HashSet<string> SharedNames = [.. SharedAssemblies.Select(assembly => assembly.Name!)];

    private readonly PluginServices services;
    private readonly Dictionary<string, TransformDescription> byName;
    private readonly Dictionary<string, Assembly> loaded = new(StringComparer.Ordinal);
    private readonly Lock loading = new();
    private readonly Lazy<IBackend?> backend;

    private PluginCatalog(ImmutableArray<PluginDescription> plugins, ImmutableArray<Diagnostic> diagnostics, Dictionary<string, TransformDescription> byName, IReadOnlyDictionary<string, PluginSettings> settings)
    {
        Plugins = plugins;
        Diagnostics = diagnostics;
        this.byName = byName;
        services = new(settings, diagnostic => Report(diagnostic));
        backend = new(CreateBackend);
    }

    /// <summary>Takes what classes of plugins report through <see cref="TransformFramework.Plugins.IDiagnosticLog"/>; nothing does at first.</summary>
    public Action<Diagnostic> Report { get; set; } = _ => { };

    /// <summary>Is told of a plugin, not of the program's own, before its code is entered to create something; nothing listens at first.</summary>
    public Action<PluginIdentity> Entering { get; set; } = _ => { };

    /// <summary>Every plugin that was found, accepted or not.</summary>
    public ImmutableArray<PluginDescription> Plugins { get; }

    /// <summary>What was wrong with locations, plugins and names.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <summary>Every transform that a script can call, by name.</summary>
    public ImmutableArray<TransformDescription> Transforms =>
        ImmutableArray.CreateRange(Plugins.Where(plugin => plugin.IsAccepted).SelectMany(plugin => plugin.Transforms))
            .Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));

    public IEnumerable<string> Names => byName.Keys;

    public IBackend? Backend => backend.Value;

    /// <summary>Looks for plugins, in the given paths first.</summary>
    /// <param name="explicitPaths">The paths.</param>
    /// <param name="cancellation">Ends the compilation of plugins that are source files.</param>
    public static PluginCatalog Discover(IEnumerable<string> explicitPaths, CancellationToken cancellation = default) =>
        Discover(explicitPaths, AppContext.BaseDirectory, UserFolder(), cancellation);

    /// <summary>Whether plugins beside the program's own may be found, as far as their places show.</summary>
    public static bool MayFindOthers(IReadOnlyCollection<string> explicitPaths)
    {
        string? userFolder = UserFolder();
        return explicitPaths.Count > 0
            || new[] { AppContext.BaseDirectory, userFolder }.OfType<string>().Any(folder => PluginConfiguration.Read(folder, []).Paths.Count > 0)
            || (Directory.Exists(PluginLocations.OfUser(userFolder)) && Directory.EnumerateDirectories(PluginLocations.OfUser(userFolder)!).Any());
    }

    internal static PluginCatalog Discover(IEnumerable<string> explicitPaths, string programFolder, string? userFolder, CancellationToken cancellation = default)
    {
        var diagnostics = new List<Diagnostic>();
        var found = new List<PluginDescription>();
        PluginLock locked = Locked(userFolder);
        PluginConfiguration[] configurations = [.. new[] { programFolder, userFolder }.OfType<string>().Select(folder => PluginConfiguration.Read(folder, diagnostics))];
        foreach (string path in PluginLocations.FindOthers(explicitPaths, configurations.SelectMany(configuration => configuration.Paths), userFolder, diagnostics, cancellation))
        {
            if (found.TrueForAll(plugin => plugin.Path != path))
                found.Add(locked.Judge(PluginScanner.Scan(path, isFirstParty: false)));
        }
        foreach (PluginDescription plugin in OwnPlugins(programFolder, userFolder, diagnostics))
        {
            if (found.TrueForAll(other => other.Path != plugin.Path))
                found.Add(plugin);
        }
        var names = PluginNames.Assign(found, diagnostics);
        PluginOps.Declare(found, diagnostics);
        diagnostics.AddRange(found.SelectMany(plugin => plugin.Diagnostics));
        return new([.. PluginOffers.Assign(found, diagnostics)], [.. diagnostics], names, Settings(configurations));
    }

    /// <summary>The program's plugins by their index, else by reading them.</summary>
    private static List<PluginDescription> OwnPlugins(string programFolder, string? userFolder, List<Diagnostic> diagnostics)
    {
        PluginIndex? index = userFolder is null ? null : new(programFolder, userFolder);
        if (index?.Read() is { } known)
            return known;
        List<PluginDescription> plugins = [.. PluginLocations.FindOwn(programFolder, diagnostics).Select(path => PluginScanner.Scan(path, isFirstParty: true))];
        index?.Write(plugins);
        return plugins;
    }

    /// <summary>The sections of all files by plugin; the program's file goes before the user's.</summary>
    private static Dictionary<string, PluginSettings> Settings(IEnumerable<PluginConfiguration> configurations)
    {
        var settings = new Dictionary<string, PluginSettings>(StringComparer.OrdinalIgnoreCase);
        foreach (PluginConfiguration configuration in configurations)
        {
            foreach (var (plugin, section) in configuration.Settings)
                settings[plugin] = settings.TryGetValue(plugin, out PluginSettings? first) ? first.Before(section) : section;
        }
        return settings;
    }

    public TransformDescription? Find(string? plugin, string name) => plugin is null
        ? byName.GetValueOrDefault(name)
        : Plugins.Where(candidate => candidate.IsAccepted && string.Equals(candidate.Name, plugin, StringComparison.OrdinalIgnoreCase))
            .SelectMany(candidate => candidate.Transforms)
            .FirstOrDefault(transform => transform.Name == name || transform.Aliases.Contains(name));

    public ITransform Create(TransformDescription description) => Create<ITransform>(PluginOf(description), description.TypeName, $"transform '{description.Name}'");

    /// <summary>The options that a transform takes.</summary>
    /// <exception cref="PluginException">The plugin cannot be loaded, or its options have a type that scripts have no text for.</exception>
    public ImmutableArray<OptionDescription> OptionsOf(TransformDescription description)
    {
        try
        {
            return [.. OptionsSchema.Of(Create(description).OptionsType)];
        }
        catch (Exception error)
        {
            throw PluginFault.Of(description.Plugin, EngineDiagnostics.BrokenOffer, $"the options of transform '{description.Name}'", error);
        }
    }

    /// <summary>Creates something that a plugin offers.</summary>
    /// <exception cref="PluginException">The plugin cannot be loaded, or its class cannot be created.</exception>
    internal T Create<T>(PluginDescription plugin, string typeName, string what)
        where T : class
    {
        if (!plugin.IsFirstParty)
            Entering(plugin.Identity);
        try
        {
            Type type = TypeOf(Load(plugin), plugin, typeName);
            return Instance(plugin, type) as T
                ?? throw new PluginException(EngineDiagnostics.BrokenOffer.Id, $"{what} of plugin {plugin.Identity} is not a {typeof(T).Name}") { Suggestion = "Its class bears an attribute that it does not live up to; report it to the plugin's author." };
        }
        catch (Exception error)
        {
            throw PluginFault.Of(plugin.Identity, EngineDiagnostics.ConstructorThrew, $"creating {what}", error);
        }
    }

    /// <summary>A class by its token where the assembly is the one that was read, which spares the runtime the parsing of a name; else by its name.</summary>
    private static Type TypeOf(Assembly assembly, PluginDescription plugin, string typeName) =>
        plugin.Tokens.TryGetValue(typeName, out int token) && assembly.ManifestModule.ModuleVersionId == plugin.Build
            ? assembly.ManifestModule.ResolveType(token)
            : assembly.GetType(typeName, throwOnError: true)!;

    /// <summary>An instance with what its constructor asks for; the services are only brought in where it asks for something.</summary>
    private object Instance(PluginDescription plugin, Type type) => type.GetConstructors() is [{ } only] && only.GetParameters().Length == 0 ? only.Invoke(null) : WithServices(plugin, type);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private object WithServices(PluginDescription plugin, Type type) => ActivatorUtilities.CreateInstance(services.Of(plugin), type);

    /// <summary>The model formats that plugins offer, the program's own first.</summary>
    public IEnumerable<FormatDescription> Formats => Plugins.Where(plugin => plugin.IsAccepted).OrderByDescending(plugin => plugin.IsFirstParty).SelectMany(plugin => plugin.Formats);

    /// <summary>Loads the plugin of a format if need be and creates the format's class.</summary>
    /// <exception cref="PluginException">The plugin cannot be loaded, or its class is not what its metadata says.</exception>
    public T CreateFormat<T>(FormatDescription format)
        where T : class =>
        Create<T>(PluginOf(format), format.TypeName, $"format '{format.Name}'");

    /// <summary>The plugin that offers a format.</summary>
    public PluginIdentity OwnerOf(FormatDescription format) => PluginOf(format).Identity;

    private PluginDescription PluginOf(FormatDescription format) => Plugins.First(plugin => plugin.IsAccepted && plugin.Formats.Contains(format));

    private static PluginLock Locked(string? userFolder)
    {
        try
        {
            return userFolder is null ? PluginLock.Empty : PluginLock.Read(userFolder);
        }
        catch (PluginException error)
        {
            return PluginLock.Unreadable(error);
        }
    }

    /// <summary>The folder of the user's own plugins; null where there is no home.</summary>
    public static string? UserFolder()
    {
        string home = Environment.GetEnvironmentVariable("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return !Path.IsPathRooted(home) ? null : Path.Combine(home, ".transformframework");
    }

    private PluginDescription PluginOf(TransformDescription description) =>
        Plugins.First(plugin => plugin.IsAccepted && plugin.Name == description.PluginName && plugin.Transforms.Contains(description));

    /// <summary>Each plugin once: its types would not be those of a second copy.</summary>
    private Assembly Load(PluginDescription plugin)
    {
        lock (loading)
            return loaded.TryGetValue(plugin.Path, out var assembly) ? assembly : loaded[plugin.Path] = LoadNow(plugin);
    }

    private static Assembly LoadNow(PluginDescription plugin)
    {
        if (plugin.IsFirstParty && FirstPartyContext.CanLoad(plugin.Path))
            return new FirstPartyContext(plugin.Path, SharedNames).LoadPlugin();
        return LoadOther(plugin);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Assembly LoadOther(PluginDescription plugin)
    {
        AssemblyLoadContextBuilder builder = new AssemblyLoadContextBuilder().SetMainAssemblyPath(plugin.Path).SetDefaultContext(SharedContext).IsLazyLoaded(true);
        foreach (AssemblyName shared in SharedAssemblies)
            builder.PreferDefaultLoadContextAssembly(shared);
        return builder.Build().LoadFromAssemblyPath(plugin.Path);
    }

    private IBackend? CreateBackend()
    {
        foreach (PluginDescription plugin in Plugins.Where(plugin => plugin.IsAccepted))
        {
            if (plugin.Offers.FirstOrDefault(offer => offer.Kind == "backend") is not { } offer)
                continue;
            var created = Create<IBackend>(plugin, offer.TypeName, $"backend '{offer.Name}'");
            var kernels = KernelsBeside(plugin);
            return kernels.Count == 0 ? created : new BackendWithKernels(created, kernels);
        }
        return null;
    }

    /// <summary>Kernels of the plugins other than the backend's own.</summary>
    private Dictionary<string, Lazy<IKernel>> KernelsBeside(PluginDescription backendPlugin)
    {
        var kernels = new Dictionary<string, Lazy<IKernel>>(StringComparer.Ordinal);
        foreach (PluginDescription plugin in Plugins.Where(plugin => plugin.IsAccepted && plugin != backendPlugin))
        {
            foreach (OfferedType offer in plugin.Offers.Where(offer => offer.Kind == "kernel"))
                kernels.TryAdd(offer.Name, new(() => new GuardedKernel(Create<IKernel>(plugin, offer.TypeName, $"kernel of op '{offer.Name}'"), plugin.Identity)));
        }
        return kernels;
    }

    /// <summary>Answers the shared assembly by its simple name, whatever version a plugin was built against, and leaves the rest to the program's own context.</summary>
    private sealed class AbstractionsContext() : AssemblyLoadContext("shared", isCollectible: false)
    {
        private static readonly Assembly Abstractions = typeof(ITransform).Assembly;

        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name == Abstractions.GetName().Name ? Abstractions : null;
    }
}
