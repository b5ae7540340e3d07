using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine;

/// <summary>Collects the steps of a pipeline. Mutable until <see cref="Build"/>, which hands out something immutable.</summary>
public sealed class TransformPipelineBuilder
{
    private readonly Func<PluginCatalog> plugins;
    private readonly List<TransformCall> calls = [];
    private readonly List<Diagnostic> errors = [];
    private readonly Dictionary<string, OwnTransform> own = new(StringComparer.Ordinal);
    private PipelineOptions options = new();

    internal TransformPipelineBuilder(Func<PluginCatalog> plugins) => this.plugins = plugins;

    /// <summary>Adds a transform of a plugin: <c>name</c> or <c>Plugin::name</c>, with its arguments.</summary>
    public TransformPipelineBuilder Add(string transform, params ReadOnlySpan<TransformArgument> arguments)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(transform);
        int separator = transform.IndexOf("::", StringComparison.Ordinal);
        string? plugin = separator < 0 ? null : transform[..separator];
        var values = ImmutableArray.CreateBuilder<Argument>(arguments.Length);
        foreach (TransformArgument argument in arguments)
            values.Add(new(argument.Name, argument.Value));
        calls.Add(new(plugin, separator < 0 ? transform : transform[(separator + 2)..], values.MoveToImmutable()));
        return this;
    }

    /// <summary>Adds the program's own transform; no plugin is needed.</summary>
    /// <param name="name">Its name in reports.</param>
    /// <param name="transform">The transform.</param>
    /// <param name="options">Its options record; null for one with every default.</param>
    public TransformPipelineBuilder Add(string name, ITransform transform, object? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(transform);
        string unique = $"{OwnTransform.Plugin}{own.Count}";
        own.Add(unique, new(unique, name, transform, options));
        calls.Add(new(unique, name, []));
        return this;
    }

    /// <summary>Adds the steps of a script.</summary>
    public TransformPipelineBuilder AddScript(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ParseResult parsed = ScriptParser.Parse(text);
        errors.AddRange(parsed.Diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Error));
        if (parsed.Script is { } script)
            calls.AddRange(script.Calls);
        return this;
    }

    /// <summary>Sets inputs, outputs, mode and the like.</summary>
    public TransformPipelineBuilder Configure(Func<PipelineOptions, PipelineOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        options = configure(options);
        return this;
    }

    /// <summary>Checks that every script parses and every transform exists.</summary>
    /// <exception cref="ScriptException">Something is wrong; it holds every diagnostic.</exception>
    public TransformPipeline Build()
    {
        var source = new PipelineTransforms(plugins, own);
        var found = errors.Concat(calls.Select(source.Unknown).OfType<Diagnostic>()).ToImmutableArray();
        return found.IsEmpty ? new(source, new Script([.. calls]), options) : throw new ScriptException(found);
    }
}

/// <summary>An argument of a transform, as a script spells it.</summary>
/// <param name="Name">The argument's name.</param>
/// <param name="Value">Its value's text, without quotes.</param>
public readonly record struct TransformArgument(string Name, string Value)
{
    public static implicit operator TransformArgument((string Name, string Value) argument) => new(argument.Name, argument.Value);
}
