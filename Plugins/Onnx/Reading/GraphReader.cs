using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Reading;

/// <summary>Reads ONNX graphs node by node, each by its op converter: the model's, those that nodes hold, and local functions, which are inlined.</summary>
internal sealed class GraphReader(OnnxModel model, CancellationToken cancellation)
{
    /// <summary>How deep functions and graphs may nest.</summary>
    private const int MaximumDepth = 64;

    private readonly Dictionary<(string Domain, string Name, string Overload), OnnxFunction> functions = Functions(model);
    private readonly List<FunctionDefinition> library = [];
    private readonly HashSet<string> functionNames = new(StringComparer.Ordinal);
    private int depth;

    /// <summary>Functions that were made of graphs in nodes.</summary>
    public IReadOnlyList<FunctionDefinition> Library => library;

    /// <summary>Adds a function made of a node's graph; gives its name.</summary>
    public string AddFunction(string wish, Func<string, FunctionDefinition> build)
    {
        string name = NodeEmitter.Clean(wish).Replace('/', '_');
        for (int i = 1; !functionNames.Add(name); i++)
            name = $"{NodeEmitter.Clean(wish).Replace('/', '_')}_{i}";
        library.Add(build(name));
        return name;
    }

    /// <summary>Reads the nodes of a graph into a scope that has its inputs.</summary>
    public void Read(OnnxGraph graph, ReadScope scope)
    {
        foreach (OnnxInitializer initializer in graph.Initializers)
            scope.Set(initializer.Name, new ReadValue(scope.Emitter, initializer.Name, ValueInfo.Of(initializer.Value) with { Narrow = initializer.Narrow }));
        foreach (OnnxValue value in graph.Values.Concat(graph.Outputs))
            scope.Declared[value.Name] = value.Type;
        Read(graph.Nodes, scope);
    }

    private void Read(IReadOnlyList<OnnxNode> nodes, ReadScope scope)
    {
        if (++depth > MaximumDepth)
            throw OnnxDiagnostics.Broken($"functions or graphs nest deeper than {MaximumDepth}");
        foreach (OnnxNode node in NodeOrder.Sort(nodes, scope.Knows))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Read(node, scope);
            }
            catch (ModelFormatException error) when (OnnxDiagnostics.IsAboutNode(error) || error.DiagnosticId == OnnxDiagnostics.Malformed.Id)
            {
                throw new ModelFormatException(OnnxDiagnostics.NotRead.Format(Label(node), node.QualifiedOp, error.Message), error)
                {
                    DiagnosticId = OnnxDiagnostics.NotRead.Id,
                    Suggestion = error.Suggestion ?? "Export the model without this operator, or with other options of it.",
                };
            }
            catch (Exception error) when (IsContradiction(error))
            {
                throw new ModelFormatException(OnnxDiagnostics.NotRead.Format(Label(node), node.QualifiedOp, "its attributes and the shapes of its inputs contradict each other"), error)
                {
                    DiagnosticId = OnnxDiagnostics.NotRead.Id,
                    Suggestion = "The file is damaged or was written by a faulty exporter; export it again.",
                };
            }
        }
        depth--;
    }

    /// <summary>True for what comes of attributes and shapes that contradict each other in ways that no check foresaw.</summary>
    private static bool IsContradiction(Exception error) =>
        error is IndexOutOfRangeException or ArgumentException or InvalidOperationException or OverflowException or KeyNotFoundException or DivideByZeroException or NullReferenceException or Transforms.TransformException;

    /// <summary>The node's name, or that of its first output when it has none.</summary>
    public static string Label(OnnxNode node) => node.Name.Length > 0 ? node.Name : node.Outputs.FirstOrDefault(output => output.Length > 0) ?? "";

    private void Read(OnnxNode node, ReadScope scope)
    {
        ReadValue?[] inputs = [.. node.Inputs.Select(input => input.Length == 0 ? null : scope.Find(input) ?? throw NodeOrder.Missing(node, input))];
        if (functions.TryGetValue((node.Domain, node.Op, ""), out OnnxFunction? function) || functions.TryGetValue((node.Domain, node.Op, node.Attributes.GetValueOrDefault("overload") as string ?? ""), out function))
        {
            Call(function, node, inputs, scope);
            return;
        }
        if (!OperatorReaders.ByOperator.TryGetValue((node.Domain, node.Op), out Action<NodeReader>? read))
        {
            throw OnnxDiagnostics.Decline(node.Domain.Length == 0 ? "the operator is not read" : $"the operator of domain '{node.Domain}' is not read");
        }
        IReadOnlyList<ValueInfo?> inferred = Infer(node, inputs, scope);
        if (TrySetConstants(node, inferred, scope))
            return;
        if (ImageLayout.TryView(node, inputs, scope.Emitter) is { } view && inferred.All(info => info is { Rank: 4 }))
            ReadMoved(read, node, scope, view, inferred);
        else
            read(new NodeReader(node, scope, this, inputs, inferred));
        foreach (string output in node.Outputs)
        {
            if (output.Length > 0 && !scope.Knows(output))
                throw OnnxDiagnostics.Decline($"its output '{output}' is not read");
        }
    }

    /// <summary>Reads a node over images with channels last.</summary>
    private void ReadMoved(Action<NodeReader> read, OnnxNode node, ReadScope scope, ReadValue?[] inputs, IReadOnlyList<ValueInfo?> inferred)
    {
        var inner = new ReadScope(scope.Emitter, scope.Opsets);
        read(new NodeReader(node, inner, this, inputs, [.. inferred.Select(info => ImageLayout.Moved(info!))]));
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i].Length > 0 && inner.Find(node.Outputs[i]) is { } image)
                scope.Set(node.Outputs[i], ImageLayout.Restored(scope.Emitter, node.Outputs[i], inferred[i]! with { Type = image.Info.Type }, image));
        }
    }

    private static IReadOnlyList<ValueInfo?> Infer(OnnxNode node, ReadValue?[] inputs, ReadScope scope)
    {
        long opset = scope.Opsets.TryGetValue(node.Domain, out long version) ? version : 1;
        ValueInfo?[] infos = [.. ShapeInference.Infer(node, opset, [.. inputs.Select(input => input?.Info)])];
        for (int i = 0; i < infos.Length; i++)
        {
            bool isDeclared = infos[i] is { Rank: < 0, IsSequence: false } && scope.Declared.TryGetValue(node.Outputs[i], out OnnxType? declared) && !declared.Shape.IsUnknownRank;
            if (isDeclared)
                infos[i] = infos[i]! with { Shape = scope.Declared[node.Outputs[i]].Shape };
        }
        return infos;
    }

    private static bool TrySetConstants(OnnxNode node, IReadOnlyList<ValueInfo?> inferred, ReadScope scope)
    {
        bool areConstant = inferred.Count > 0 && inferred.Select((info, i) => node.Outputs[i].Length == 0 || info?.Constant is not null).All(isConstant => isConstant);
        if (!areConstant)
            return false;
        for (int i = 0; i < inferred.Count; i++)
        {
            if (node.Outputs[i].Length > 0)
                scope.Set(node.Outputs[i], new ReadValue(scope.Emitter, node.Outputs[i], inferred[i]!));
        }
        return true;
    }

    private void Call(OnnxFunction function, OnnxNode call, ReadValue?[] inputs, ReadScope scope)
    {
        var opsets = new Dictionary<string, long>(scope.Opsets, StringComparer.Ordinal);
        foreach (var (domain, version) in function.Opsets)
            opsets[domain] = version;
        var inner = new ReadScope(scope.Emitter, opsets);
        for (int i = 0; i < function.Inputs.Count; i++)
        {
            if (i < inputs.Length && inputs[i] is { } input)
                inner.Set(function.Inputs[i], input);
        }
        var arguments = new AttributeArguments(call.Attributes, function.Defaults);
        Read([.. function.Nodes.Select(node => arguments.Instantiate(WithoutAbsent(node, function, inner)))], inner);
        for (int i = 0; i < call.Outputs.Count; i++)
        {
            if (call.Outputs[i].Length == 0)
                continue;
            ReadValue result = (i < function.Outputs.Count ? inner.Find(function.Outputs[i]) : null) ?? throw OnnxDiagnostics.Broken($"the function has no output {i}");
            scope.Set(call.Outputs[i], result);
        }
    }

    /// <summary>The node with inputs that the call leaves out left out too.</summary>
    private static OnnxNode WithoutAbsent(OnnxNode node, OnnxFunction function, ReadScope scope) => node with
    {
        Inputs = [.. node.Inputs.Select(input => function.Inputs.Contains(input, StringComparer.Ordinal) && !scope.Knows(input) ? "" : input)],
    };

    private static Dictionary<(string Domain, string Name, string Overload), OnnxFunction> Functions(OnnxModel model)
    {
        var found = new Dictionary<(string Domain, string Name, string Overload), OnnxFunction>();
        foreach (OnnxFunction function in model.Functions)
            found[(function.Domain, function.Name, function.Overload)] = function;
        return found;
    }
}
