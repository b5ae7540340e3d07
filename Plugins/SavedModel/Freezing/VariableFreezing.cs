using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Functions;

namespace TransformFramework.SavedModel.Freezing;

/// <summary>
/// Puts constants in place of variables. A handle that goes into a function is followed by argument position: arguments, loop state and results that were handles become the values. Only what the
/// outputs need is kept. A variable that is assigned and whose value an output needs is an error; an assignment that no output needs is dropped with a warning.
/// </summary>
internal sealed class VariableFreezing
{
    private static readonly HashSet<string> StaleFunctionAttributes = new(StringComparer.Ordinal) { "_input_shapes", "api_implements", "api_preferred_device" };

    private readonly ScopedGraph graph;
    private readonly Reach reached;
    private readonly Reach needed;
    private readonly ImmutableArray<GraphScope> scopes;
    private readonly HandleFlow flow;
    private readonly Func<Variable, Tensor> valueOf;

    private VariableFreezing(Graph graph, ImmutableArray<string> outputs, Func<Variable, Tensor> valueOf, CancellationToken cancellation)
    {
        this.graph = new(graph, outputs);
        this.valueOf = valueOf;
        reached = Reach.Of(this.graph, withControl: true, cancellation);
        needed = Reach.Of(this.graph, withControl: false, cancellation);
        scopes = [Reached(this.graph.Main), .. reached.Functions.Select(this.graph.Find).OfType<GraphScope>().Select(Reached)];
        flow = HandleFlow.Of(this.graph, scopes, cancellation);
    }

    /// <summary>The graph that the outputs need, without variables.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">What it is frozen for.</param>
    /// <param name="valueOf">The value of a variable; throws when it has none.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="ModelFormatException">A variable is assigned on the way to the outputs, has no value, or one that does not fit, or is used by an op that cannot be frozen.</exception>
    public static (Graph Graph, ImmutableArray<Diagnostic> Diagnostics) Freeze(Graph graph, ImmutableArray<string> outputs, Func<Variable, Tensor> valueOf, CancellationToken cancellation)
    {
        var freezing = new VariableFreezing(GenericFunctions.Instantiate(graph), outputs, valueOf, cancellation);
        var diagnostics = freezing.CheckAssignments();
        var changed = new Dictionary<string, FunctionDefinition>(StringComparer.Ordinal);
        ImmutableArray<Node> nodes = [];
        foreach (GraphScope scope in freezing.scopes)
        {
            cancellation.ThrowIfCancellationRequested();
            GraphScope frozen = freezing.Rewrite(scope);
            if (scope.Name.Length == 0)
                nodes = frozen.Nodes;
            else
                changed[scope.Name] = freezing.ToFunction(scope, frozen);
        }
        return (freezing.graph.With(nodes, changed), diagnostics);
    }

    private GraphScope Reached(GraphScope scope) => scope with { Nodes = [.. scope.Nodes.Where(node => node.Op == GraphScope.ArgumentOp || reached.Contains(scope, node))] };

    private ImmutableArray<Diagnostic> CheckAssignments()
    {
        var assigned = new SortedDictionary<string, (Node By, bool IsNeeded)>(StringComparer.Ordinal);
        foreach (GraphScope scope in scopes)
        {
            foreach (Node node in scope.Nodes.Where(VariableOps.Assigns))
            {
                if (flow.Find(scope, node.DataInputs.FirstOrDefault()) is not { } set)
                    continue;
                foreach (Variable variable in set.Variables)
                    assigned[variable.Name] = (node, assigned.GetValueOrDefault(variable.Name).IsNeeded || IsNeeded(variable) || needed.Contains(scope, node));
            }
        }
        string[] errors = [.. assigned.Where(entry => entry.Value.IsNeeded).Select(entry => $"'{entry.Key}' (by node '{entry.Value.By.Name}', {entry.Value.By.Op})")];
        if (errors.Length > 0)
        {
            throw SavedModelDiagnostics.Error(
                SavedModelDiagnostics.Assigned,
                $"variables are assigned on the way to the outputs, so that they cannot be frozen: {string.Join(", ", errors)}",
                "Choose a signature that only reads them with --signature, or outputs that do not need them with --outputs.");
        }
        return [.. assigned.Select(entry => SavedModelDiagnostics.AssignedAside.With(entry.Key, entry.Value.By.Name, entry.Value.By.Op) with { Node = entry.Value.By.Name })];
    }

    private bool IsNeeded(Variable variable) => scopes.Any(scope => ReferenceEquals(scope.Find(variable.Node.Name), variable.Node) && needed.Contains(scope, variable.Node));

    private FunctionDefinition ToFunction(GraphScope before, GraphScope frozen)
    {
        FunctionDefinition original = graph.Functions.Find(before.Name)!;
        ImmutableArray<DataType> types = [.. before.Results.Select((result, i) => flow.Find(before, result)?.Type ?? original.Signature.Outputs[i].Type)];
        FunctionDefinition function = frozen.ToFunction(original, types, graph.Functions);
        return function with { Attributes = AttributeMap.Create(function.Attributes.Where(attribute => !StaleFunctionAttributes.Contains(attribute.Key))) };
    }

    private GraphScope Rewrite(GraphScope scope)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(scope.Nodes.Length);
        var dropped = new HashSet<string>(StringComparer.Ordinal);
        foreach (Node node in scope.Nodes)
        {
            Node[] replacement = [.. Rewrite(scope, node)];
            if (replacement.Length == 0)
                dropped.Add(node.Name);
            nodes.AddRange(replacement);
        }
        return scope with
        {
            Nodes = [.. nodes.Select(node => node.Inputs.Any(input => input.IsControl && dropped.Contains(input.Node)) ? node with { Inputs = node.Inputs.RemoveAll(input => input.IsControl && dropped.Contains(input.Node)) } : node)],
            ControlResults = scope.ControlResults.RemoveAll(dropped.Contains),
        };
    }

    private IEnumerable<Node> Rewrite(GraphScope scope, Node node)
    {
        if (VariableOps.IsVariable(node))
            return [Constant(node, Value(scope, node))];
        if (GraphScope.ArgumentOf(node) >= 0)
            return [flow.Find(scope, node, 0) is { } argument ? node.With("T", TypeOf(argument, node)) : node];
        VariableSet?[] handles = [.. node.DataInputs.Select(input => flow.Find(scope, input))];
        if (handles.All(handle => handle is null))
            return [node];
        if (VariableOps.Assigns(node) || VariableOps.IsIgnorable(node.Op))
            return [];
        if (CallSite.Of(node, graph.Functions) is { } site)
            return [RewriteCall(scope, node, site, handles)];
        if (node.Op == "IdentityN")
            return [Retyped(node, "T", handles, 0)];
        VariableSet? handle = handles[0];
        return handle is null ? [node] : RewriteUse(scope, node, handle);
    }

    private static IEnumerable<Node> RewriteUse(GraphScope scope, Node node, VariableSet handle)
    {
        DataType type = TypeOf(handle, node);
        Node plain = node.Op.StartsWith("Ref", StringComparison.Ordinal) ? node with { Op = node.Op["Ref".Length..] } : node;
        switch (node.Op)
        {
            case "ReadVariableOp":
                return [new(node.Name, "Identity", node.Inputs, AttributeMap.Of(("T", type)), node.Device)];
            case "ResourceGather":
                int batch = (int)node.Long("batch_dims", 0);
                string name = node.Name + "/axis";
                while (scope.Find(name) is not null)
                    name += "_";
                var axis = Node.Constant(name, Tensor.Scalar(batch)) with { Inputs = [.. node.ControlInputs] };
                var attributes = AttributeMap.Of(("Tparams", type), ("Tindices", node.TypeAttribute("Tindices") ?? DataType.Int32), ("Taxis", DataType.Int32), ("batch_dims", batch));
                return [axis, new(node.Name, "GatherV2", [.. node.DataInputs, axis.Name, .. node.ControlInputs], attributes, node.Device)];
            case "ResourceGatherNd":
                return [new(node.Name, "GatherNd", node.Inputs, AttributeMap.Of(("Tparams", type), ("Tindices", node.TypeAttribute("Tindices") ?? DataType.Int32)), node.Device)];
            case "VariableShape":
                return [new(node.Name, "Shape", node.Inputs, AttributeMap.Of(("T", type), ("out_type", node.TypeAttribute("out_type") ?? DataType.Int32)), node.Device)];
            case "VarIsInitializedOp" or "IsVariableInitialized":
                return [Node.Constant(node.Name, Tensor.Create<bool>(DataType.Bool, TensorShape.Scalar, [true])) with { Inputs = [.. node.ControlInputs] }];
            default:
                if (VariableOps.PassesOn(node.Op) || VariableOps.IsReferenceVariable(handle.Variables.First().Node))
                    return [plain.Attributes.ContainsKey("T") && VariableOps.PassesOn(node.Op) ? plain.With("T", type) : plain];
                throw SavedModelDiagnostics.Error(SavedModelDiagnostics.UnknownUse, $"node '{node.Name}' ({node.Op}) uses the variable {handle.Names} in a way that cannot be frozen", "Choose outputs that do not need the node with --outputs.");
        }
    }


    private Node RewriteCall(GraphScope scope, Node node, CallSite site, VariableSet?[] handles)
    {
        node = node.Without("_read_only_resource_inputs");
        node = Retyped(node, site.Kind == CallKind.Loop ? "T" : "Tin", handles, site.FirstArgument);
        if (!node.Attributes.TryGetValue("Tout", out var value) && site.Kind != CallKind.Loop)
            return node;
        int count = site.Kind == CallKind.Loop ? handles.Length : ((value as ListValue)?.Items.Length ?? 0);
        VariableSet?[] results = [.. Enumerable.Range(0, count).Select(port => flow.Find(scope, node, port))];
        if (site.Kind != CallKind.Loop)
            node = Retyped(node, "Tout", results, 0);
        if (!node.Attributes.TryGetValue("output_shapes", out var shapes) || shapes is not ListValue list)
            return node;
        return node.With("output_shapes", list with { Items = [.. list.Items.Select((item, i) => i < results.Length && results[i] is { } result ? result.Shape : item)] });
    }

    private static Node Retyped(Node node, string attribute, VariableSet?[] handles, int first) =>
        node.Attributes.TryGetValue(attribute, out var value) && value is ListValue list
            ? node.With(attribute, list with { Items = [.. list.Items.Select((item, i) => i + first < handles.Length && handles[i + first] is { } handle ? TypeOf(handle, node) : item)] })
            : node;

    private static DataType TypeOf(VariableSet handle, Node node) => handle.Type != DataType.Invalid
        ? handle.Type
        : throw SavedModelDiagnostics.Error(SavedModelDiagnostics.UnknownUse, $"node '{node.Name}' ({node.Op}) reads one of the variables {handle.Names}, which have different types", "Choose outputs that do not need the node with --outputs.");

    private static Node Constant(Node variable, Tensor value) =>
        new(variable.Name, "Const", [.. variable.ControlInputs], AttributeMap.Of(("dtype", value.Type), ("value", value)), variable.Device);

    private Tensor Value(GraphScope scope, Node node)
    {
        Variable variable = Variable.Of(node);
        if (!needed.Contains(scope, node))
            return variable.Type == DataType.String ? Tensor.FromStrings(TensorShape.Scalar, []) : Tensor.FromValues(variable.Type, variable.Shape.TryCount(out _) ? variable.Shape : TensorShape.Scalar, default);
        Tensor value = valueOf(variable);
        if (value.Type != variable.Type)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Misfit, $"the variable '{variable.Name}' has the type {variable.Type.Name()} in the graph, and {value.Type.Name()} in the checkpoint", "Use the checkpoint that was saved with this graph.");
        return value;
    }
}
