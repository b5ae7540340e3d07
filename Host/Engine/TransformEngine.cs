using System.Collections.Immutable;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Engine;

/// <summary>
/// The entry of programs: loads and saves models, builds pipelines of transforms, and opens sessions that run graphs. One engine serves a process; it is thread-safe.
/// <code>
/// var engine = new TransformEngine();
/// using Model model = engine.Load("model.pb");
/// Model small = engine.CreatePipeline().AddScript("fold_constants quantize_weights").Build().Run(model).EnsureSuccess();
/// engine.Save(small, "small.pb");
/// </code>
/// </summary>
public sealed class TransformEngine
{
    private readonly Lazy<PluginCatalog> plugins;

    /// <summary>Makes an engine; plugins are looked for when something of theirs is first needed.</summary>
    /// <exception cref="ArgumentException">An option is wrong; the message lists every mistake.</exception>
    public TransformEngine(TransformEngineOptions? options = null)
    {
        options ??= new();
        if (options.Mistakes() is { Count: > 0 } mistakes)
            throw new ArgumentException(string.Join(' ', mistakes), nameof(options));
        string[] paths = [.. options.PluginPaths];
        string folder = options.ProgramFolder.Length > 0 ? Path.GetFullPath(options.ProgramFolder) : AppContext.BaseDirectory;
        bool useUserPlugins = options.UseUserPlugins;
        plugins = new(() => PluginCatalog.Discover(paths, folder, useUserPlugins ? PluginCatalog.UserFolder() : null));
    }

    /// <summary>The plugins that were found: accepted, or rejected and why.</summary>
    public PluginCatalog Plugins => plugins.Value;

    /// <summary>Loads a model of any format that a plugin reads: a file, a folder or an archive.</summary>
    /// <exception cref="ModelFormatException">There is no readable model; the message names the file and the cause.</exception>
    /// <exception cref="PluginException">The plugin that reads the format is defective.</exception>
    public Model Load(string path, ModelReadOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new(ModelFile.Open(path, new ModelOpenOptions { Read = options ?? ModelReadOptions.Default }, () => Plugins, cancellation));
    }

    /// <summary>Saves a model, as a whole or not at all. The ending of the path, or <see cref="ModelSaveOptions.Format"/>, picks the format.</summary>
    /// <exception cref="ModelFormatException">The format cannot hold the graph, or the file system refuses.</exception>
    /// <exception cref="ModelRefusedException">The format cannot hold the graph, or the release of TensorFlow that must read it would not.</exception>
    /// <exception cref="OutputFormatException">There is no such format or option of it.</exception>
    public WrittenModel Save(Model model, string path, ModelSaveOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new();
        var output = new ModelOutput(path, OutputFormat.Choose(path, options.Format, () => Plugins), () => Plugins, options.Settings) { Reader = options.Reader };
        output.Check();
        var names = new ModelWriteOptions { Inputs = [.. model.Inputs.Select(input => input.Tensor)], Outputs = [.. model.Outputs.Select(output => output.Tensor)] };
        return output.Write(model.Content, names, cancellation, origin: model.Origin);
    }

    /// <summary>Begins a pipeline of transforms.</summary>
    public TransformPipelineBuilder CreatePipeline() => new(() => Plugins);

    /// <summary>Compiles a model for running. The model must stay open as long as the session.</summary>
    /// <exception cref="ExecutionException">An output does not exist, or a node has an op, type or attribute without a kernel.</exception>
    /// <exception cref="PluginException">No plugin offers a backend.</exception>
    public Session CreateSession(Model model, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Session.Create(model, options ?? new(), Backend);
    }

    private IBackend Backend => Plugins.Backend
        ?? throw new PluginException(EngineDiagnostics.NoBackend.Id, EngineDiagnostics.NoBackend.Format()) { Suggestion = "The plugin 'Cpu' belongs into the folder plugins/Cpu beside the program." };
}

/// <summary>Choices of saving a model.</summary>
public sealed record ModelSaveOptions
{
    /// <summary>Short name of the format (<c>graphdef</c>, <c>tflite</c>, …); null to go by the path's ending.</summary>
    public string? Format { get; init; }

    /// <summary>The release of TensorFlow that must read the file; null for the one that wrote the model's graph.</summary>
    public TensorFlowRelease? Reader { get; init; }

    /// <summary>Values of the format's options, such as <c>opset</c>.</summary>
    public ImmutableDictionary<string, string> Settings { get; init; } = ImmutableDictionary<string, string>.Empty;
}
