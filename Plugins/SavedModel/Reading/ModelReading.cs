using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.SavedModel.Freezing;
using TransformFramework.Toolkit.Checkpoints;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit;
using TransformFramework.Transforms;

namespace TransformFramework.SavedModel.Reading;

/// <summary>Reads a SavedModel or a checkpoint with its graph, and freezes it for one signature.</summary>
internal sealed class ModelReading
{
    /// <summary>Nodes beyond which calls stay calls.</summary>
    private const long MostNodes = 200_000;

    private static readonly string[] InitializingCollections = ["saved_model_main_op", "legacy_init_op", "table_initializer"];

    private readonly ModelSource source;
    private readonly ModelReadOptions options;
    private readonly CancellationToken cancellation;
    private readonly ModelLocation location;
    private readonly MetaGraph metaGraph;
    private readonly List<Diagnostic> diagnostics = [];
    private readonly Lazy<Checkpoint> checkpoint;
    private readonly Lazy<RestoreMap> restored;
    private readonly Lazy<EffectGraph> initializing;

    private ModelReading(ModelSource source, ModelLocation location, MetaGraph metaGraph, ModelReadOptions options, CancellationToken cancellation)
    {
        this.source = source;
        this.location = location;
        this.metaGraph = metaGraph;
        this.options = options;
        this.cancellation = cancellation;
        checkpoint = new(() => Checkpoint.Open(source, location.Checkpoint, cancellation));
        restored = new(() => new(EffectGraph.Of(metaGraph.Graph, metaGraph.RestoreOp.Length > 0 ? [metaGraph.RestoreOp] : [], cancellation)));
        initializing = new(() => EffectGraph.Of(metaGraph.Graph, InitializingOps(), cancellation));
    }

    /// <summary>Reads and freezes a model.</summary>
    /// <exception cref="ModelFormatException">It cannot be read, or not be frozen.</exception>
    public static ModelContent Read(ModelSource source, ModelReadOptions options, CancellationToken cancellation)
    {
        ModelLocation place = ModelLocation.Find(source)
            ?? throw SavedModelDiagnostics.Error(SavedModelDiagnostics.MissingFile, $"'{source.Path}' holds neither a file saved_model.pb nor a checkpoint with its graph (.meta)", "Give the folder that holds saved_model.pb.");
        try
        {
            return new ModelReading(source, place, ReadGraph(source, place, options), options, cancellation).Freeze();
        }
        catch (ModelFormatException error) when (!error.Message.Contains(place.GraphFile, StringComparison.Ordinal) && !error.Message.Contains(source.Path, StringComparison.Ordinal))
        {
            throw new ModelFormatException($"'{source.Path}': {error.Message}", error) { DiagnosticId = error.DiagnosticId, Suggestion = error.Suggestion };
        }
        catch (TransformException error)
        {
            string node = error.Node is { } name ? $" (node '{name}')" : "";
            throw new ModelFormatException($"'{source.Path}': {error.Message}{node}", error) { DiagnosticId = SavedModelDiagnostics.BadGraph.Id, Suggestion = error.Suggestion ?? "Export the model again." };
        }
    }

    private static MetaGraph ReadGraph(ModelSource source, ModelLocation location, ModelReadOptions options)
    {
        ModelSourceFile file = source.Find(location.GraphFile) ?? throw SavedModelDiagnostics.Error(
            SavedModelDiagnostics.NoGraph,
            $"there is no graph: the checkpoint '{location.Checkpoint}' comes without the file '{location.GraphFile}'",
            "Give a SavedModel, or copy the .meta file beside the checkpoint. A checkpoint of TensorFlow 2 holds weights only.");
        if (file.Length > int.MaxValue)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Malformed, $"'{location.GraphFile}' has {file.Length} bytes; a single message holds at most 2 GiB");
        try
        {
            ReadOnlyMemory<byte> bytes = MetaGraphText.ToBinary(file.Slice(0, (int)file.Length), location.IsSavedModel);
            if (location.IsSavedModel)
                bytes = MetaGraphChoice.Choose(bytes, options.Tags, location.GraphFile);
            return MetaGraphReader.Read(bytes);
        }
        catch (ModelFormatException error) when (!error.Message.Contains(location.GraphFile, StringComparison.Ordinal))
        {
            throw new ModelFormatException($"'{location.GraphFile}': {error.Message}", error) { DiagnosticId = error.DiagnosticId, Suggestion = "Export or copy the model again." };
        }
    }

    private ModelContent Freeze()
    {
        CheckGraph(metaGraph.Graph);
        StoredSignature? signature = location.IsSavedModel || options.Signature is not null ? SignatureChoice.Choose(metaGraph, options, location.GraphFile) : SignatureChoice.Callable(metaGraph).FirstOrDefault(candidate => options.Outputs.IsEmpty);
        Graph graph = metaGraph.Graph;
        ImmutableArray<string> outputs = signature is not null ? [.. signature.Outputs.Select(output => output.Tensor)] : !options.Outputs.IsEmpty ? options.Outputs : GraphOutputs.Of(graph, cancellation);
        foreach (string output in outputs)
            Require(graph, output, signature);
        var inputs = new SignatureInputs(signature, metaGraph.Graph);
        graph = FixedInputs.Apply(inputs.Apply(graph), options.FixedInputs, inputs);
        (graph, var assigned) = VariableFreezing.Freeze(graph, outputs, ValueOf, cancellation);
        diagnostics.AddRange(assigned);
        (graph, outputs) = Inline(graph, outputs);
        graph = new Tables(initializing.Value, restored.Value, () => checkpoint.Value, Asset).Fill(graph);
        graph = AssetReads.Fill(graph, metaGraph.Assets.Keys, Asset);
        graph = inputs.WithMissing(graph);
        graph = EffectAnalysis.Apply(graph, [.. outputs.Select(output => new NodeInput(output).Node), .. inputs.Nodes]);
        graph = WithoutStaleColocations(graph);
        ReportPlaceholders(graph, inputs);
        return Content(graph, signature, inputs, outputs);
    }

    private ModelContent Content(Graph graph, StoredSignature? chosen, SignatureInputs inputs, ImmutableArray<string> outputs)
    {
        var signatures = SignatureChoice.Callable(metaGraph).Select(stored => new ModelSignature(
            stored.Name,
            stored.Method,
            [.. stored.Inputs.Select(input => Public(input, stored == chosen ? inputs.TensorOf(input) : input.Tensor))],
            [.. stored.Outputs.Select((output, i) => Public(output, stored == chosen ? outputs[i] : output.Tensor))]));
        return new(graph)
        {
            Signatures = [.. signatures],
            ChosenSignature = chosen?.Name,
            Tags = metaGraph.Tags,
            Producer = metaGraph.TensorFlowVersion.Length > 0 ? "TensorFlow " + metaGraph.TensorFlowVersion : "",
            Diagnostics = [.. diagnostics],
        };
    }

    private static SignatureTensor Public(StoredTensor stored, string tensor) => new(stored.Name, tensor.EndsWith(":0", StringComparison.Ordinal) ? tensor[..^2] : tensor, stored.Type, stored.Shape);

    private (Graph Graph, ImmutableArray<string> Outputs) Inline(Graph graph, ImmutableArray<string> outputs)
    {
        long size = FunctionInliner.Measure(new ScopedGraph(graph, outputs));
        if (size > MostNodes)
        {
            diagnostics.Add(SavedModelDiagnostics.CallsKept.With(size, MostNodes));
            return (graph, outputs);
        }
        var (inlined, tensors, _) = FunctionInliner.Inline(graph, outputs, exactNames: false, cancellation);
        return (inlined, tensors);
    }

    private void CheckGraph(Graph graph)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            if (!names.Add(node.Name))
                throw SavedModelDiagnostics.Error(SavedModelDiagnostics.BadGraph, $"'{location.GraphFile}': two nodes have the name '{node.Name}'", "Export the model again.");
        }
        if (graph.Versions is { } versions && versions.MinConsumer > Math.Max(versions.Producer, 1))
            diagnostics.Add(SavedModelDiagnostics.NewerFormat.With(location.GraphFile, versions.MinConsumer, versions.Producer));
    }

    private void Require(Graph graph, string tensor, StoredSignature? signature)
    {
        if (graph.Find(new NodeInput(tensor).Node) is null)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.MissingTensor, $"'{location.GraphFile}': {(signature is null ? "the output" : $"the signature '{signature.Name}' names the tensor")} '{tensor}', which the graph does not have", "Export the model again, or name other outputs with --outputs.");
    }

    private Tensor ValueOf(Variable variable)
    {
        if (restored.Value.Find(variable) is { } place)
        {
            try
            {
                return Fitted(variable, place.ReadFrom(checkpoint.Value), place);
            }
            catch (ModelFormatException error) when (!error.Message.Contains(variable.Name, StringComparison.Ordinal) && error.DiagnosticId != ToolkitDiagnostics.MissingIndex.Id)
            {
                throw new ModelFormatException($"the variable '{variable.Name}': {error.Message}", error) { DiagnosticId = error.DiagnosticId, Suggestion = error.Suggestion };
            }
        }
        return Initialized(variable) ?? throw SavedModelDiagnostics.Error(SavedModelDiagnostics.NoValue, $"the variable '{variable.Name}' has no value: nothing restores it from '{location.Checkpoint}', and nothing initializes it", "Save the model with a checkpoint of all its variables, or choose outputs that do not need it.");
    }

    /// <summary>A constant that the model's initialization assigns to the variable: such as the name of an asset.</summary>
    private Tensor? Initialized(Variable variable)
    {
        foreach (Node node in initializing.Value.Graph.Nodes.Where(node => node.Op is "Assign" or "AssignVariableOp"))
        {
            NodeInput[] inputs = [.. node.DataInputs];
            if (inputs.Length > 1 && initializing.Value.Target(inputs[0])?.Name == variable.Node.Name && initializing.Value.Origin(inputs[1])?.Node is { Op: "Const" } value)
                return value.TensorAttribute("value");
        }
        return null;
    }

    private Tensor Fitted(Variable variable, Tensor value, Restored place)
    {
        if (variable.Shape.Allows(value.Shape))
            return value;
        if (place.IsReshaped && variable.Shape.TryCount(out long count) && count == value.ElementCount)
            return value.Type == DataType.String ? Tensor.FromStrings(variable.Shape, value.Strings) : Tensor.FromContent(value.Type, variable.Shape, value.Bytes);
        throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Misfit, $"the variable '{variable.Name}' has the shape {variable.Shape} in the graph, and {value.Shape} in the checkpoint '{location.Checkpoint}'", "Use the checkpoint that was saved with this graph.");
    }

    private IEnumerable<string> InitializingOps()
    {
        var named = metaGraph.Signatures.Where(signature => signature.Name == SignatureChoice.InitOp).SelectMany(signature => signature.Outputs).Select(output => output.Tensor);
        var listed = InitializingCollections.SelectMany(name => metaGraph.Collections.GetValueOrDefault(name, []));
        return named.Concat(listed);
    }

    private ModelSourceFile Asset(string node, string path)
    {
        string file = metaGraph.Assets.TryGetValue(new NodeInput(node).Canonical, out string? named) ? named : path.Split('/', '\\')[^1];
        string[] places = location.IsSavedModel ? [location.Folder + "assets/" + file] : [location.Folder + file, location.Folder + "assets/" + file];
        return places.Select(place => file.Length == 0 ? null : source.Find(place)).FirstOrDefault(found => found is not null)
            ?? throw SavedModelDiagnostics.Error(SavedModelDiagnostics.MissingFile, $"there is no file '{places[0]}', which the model reads", "Copy the model again, with its assets.");
    }

    /// <summary>Drops entries of <c>_class</c> that name nodes which freezing removed.</summary>
    private static Graph WithoutStaleColocations(Graph graph) => graph.Select(node =>
    {
        if (!node.Attributes.TryGetValue("_class", out var value) || value is not ListValue list)
            return node;
        var kept = list.Items.RemoveAll(item => item is BytesValue text && text.Text.StartsWith("loc:@", StringComparison.Ordinal) && graph.Find(text.Text["loc:@".Length..]) is null);
        return kept.Length == list.Items.Length ? node : kept.IsEmpty ? node.Without("_class") : node.With("_class", list with { Items = kept });
    });

    private void ReportPlaceholders(Graph graph, SignatureInputs inputs)
    {
        if (!inputs.AreKnown)
            return;
        foreach (Node node in graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2" && !inputs.Nodes.Contains(node.Name)))
        {
            diagnostics.Add(SavedModelDiagnostics.OpenPlaceholder.At(node) with
            {
                Suggestion = $"Give it a fixed value with --set={node.Name}=VALUE, or feed it.",
            });
        }
    }
}
