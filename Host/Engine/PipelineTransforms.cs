using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine;

/// <summary>The transforms of the plugins, and those that the program brings itself.</summary>
internal sealed class PipelineTransforms(Func<PluginCatalog> plugins, IReadOnlyDictionary<string, OwnTransform> own) : ITransformSource
{
    public IEnumerable<string> Names => plugins().Names;

    public IBackend? Backend => plugins().Backend;

    public TransformDescription? Find(string? plugin, string name) =>
        plugin is not null && own.TryGetValue(plugin, out var transform) ? transform.Description : plugins().Find(plugin, name);

    public ITransform Create(TransformDescription description) =>
        own.TryGetValue(description.PluginName, out var transform) ? transform : plugins().Create(description);

    /// <summary>The error of a call that names no transform; null when there is one.</summary>
    public Diagnostic? Unknown(TransformCall call) => new PipelineRunner(this).UnknownTransform(call);
}

/// <summary>A transform that the program brings, with its options already made.</summary>
internal sealed class OwnTransform(string plugin, string name, ITransform transform, object? options) : ITransform
{
    /// <summary>Begins the names that stand for the program in place of a plugin's; no plugin's name has a blank.</summary>
    public const string Plugin = "own ";

    /// <summary>What the pipeline knows of it.</summary>
    public TransformDescription Description { get; } = new(name, "", [], IsClassic: false, NeedsBackend: true, new(plugin, "", ""), transform.GetType().FullName!);

    public Type OptionsType => typeof(NoOptions);

    public Graph Apply(Graph graph, object noOptions, TransformContext context) =>
        transform.Apply(graph, options ?? Activator.CreateInstance(transform.OptionsType)!, context);
}
