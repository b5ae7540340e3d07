using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using TransformFramework.Diagnostics;
using TransformFramework.Engine.Files;
using TransformFramework.ModelFiles;
using TransformFramework.Plugins;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>What the constructors of plugins' classes may ask for, made when one first asks: <see cref="IDiagnosticLog"/>, <see cref="IFiles"/>, and <see cref="IPluginSettings"/> of the plugin. Thread-safe.</summary>
internal sealed class PluginServices(IReadOnlyDictionary<string, PluginSettings> settings, Action<Diagnostic> report)
{
    private readonly ConcurrentDictionary<string, IServiceProvider> providers = new(StringComparer.Ordinal);

    /// <summary>The services of one plugin.</summary>
    public IServiceProvider Of(PluginDescription plugin) => providers.GetOrAdd(plugin.Name, name => new ServiceCollection()
        .AddSingleton<IDiagnosticLog>(new Log(report))
        .AddSingleton<IFiles>(new OwnFiles())
        .AddSingleton<IPluginSettings>(settings.GetValueOrDefault(name, PluginSettings.None))
        .BuildServiceProvider());

    private sealed class Log(Action<Diagnostic> report) : IDiagnosticLog
    {
        public void Report(Diagnostic diagnostic) => report(diagnostic);
    }

    private sealed class OwnFiles : IFiles
    {
        public ModelSourceFile Open(string path, CancellationToken cancellation = default) => FileOpener.Open(path, cancellation);

        public long Write(string path, Action<Stream> write, CancellationToken cancellation = default) => AtomicFile.Write(path, write, cancellation: cancellation);
    }
}
