using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Training;

/// <summary>
/// Lets a training graph's checkpoints hold more variables: its SaveV2 takes them with their names and empty slices, and restore_all beside it waits until each has been restored.
/// </summary>
internal static class TrainingSaver
{
    private const int FirstTensor = 3;

    /// <summary>The same graph when it has no SaveV2 or there are no variables.</summary>
    /// <exception cref="TransformException">InvalidArgument: there are several SaveV2 nodes, there is no restore_all, or the names are not constant.</exception>
    public static Graph Add(Graph graph, IReadOnlyList<Node> variables)
    {
        Node[] savers = [.. graph.Nodes.Where(node => node.Op == "SaveV2")];
        if (savers.Length > 1)
            throw new TransformException(StatusKind.InvalidArgument, $"Found {savers.Length} SaveV2 nodes; there can be one", savers[1].Name) { Suggestion = "Export the graph with one unsharded saver." };
        if (savers.Length == 0 || variables.Count == 0)
            return graph;
        Node save = savers[0];
        string prefix = save.Name[..Math.Max(0, save.Name.LastIndexOf('/'))];
        Node restoreAll = graph.Find(prefix + "/restore_all")
            ?? throw new TransformException(StatusKind.InvalidArgument, $"Could not find the node '{prefix}/restore_all' beside '{save.Name}'", save.Name);
        var edit = new GraphEdit();
        NodeInput names = Extend(graph, edit, save, 1, [.. variables.Select(variable => variable.Name)]);
        NodeInput slices = Extend(graph, edit, save, 2, [.. variables.Select(_ => "")]);
        NodeInput[] controls = [.. save.ControlInputs];
        NodeInput[] tensors = [.. save.DataInputs.Skip(FirstTensor), .. variables.Select(variable => (NodeInput)variable.Name)];
        edit.Replace(save, (save with { Inputs = [save.Inputs[0], names, slices, .. tensors, .. controls] }).With("dtypes", Types(save, variables.Count)));
        edit.Replace(restoreAll, restoreAll with { Inputs = [.. restoreAll.Inputs, .. variables.Select(variable => NodeInput.Control(Assignment(variable)))] });
        foreach (Node variable in variables)
            edit.Add([.. Restore(variable, save.Inputs[0])]);
        return graph.Apply(edit);
    }

    /// <summary>Appends strings to the constant that a saver reads, or to a copy of it where others read it too.</summary>
    private static NodeInput Extend(Graph graph, GraphEdit edit, Node save, int input, string[] added)
    {
        if (save.DataInputs.ElementAtOrDefault(input) is not { Text: not null } reference || graph.Find(reference.Node) is not { Op: "Const" } constant
            || constant.TensorAttribute("value") is not { Type: DataType.String, IsDecodable: true } value)
            throw new TransformException(StatusKind.InvalidArgument, $"input {input} of '{save.Name}' (SaveV2) is not a constant of strings", save.Name);
        bool isShared = graph.ConsumersOf(constant).Length > 1;
        Tensor extended = Strings([.. value.Strings, .. added.Select(text => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(text))]);
        Node result = (isShared ? constant with { Name = constant.Name + "_qt" } : constant).With("value", extended);
        if (isShared)
            edit.Add(result);
        else
            edit.Replace(constant, result);
        return result.Name;
    }

    private static Node[] Restore(Node variable, NodeInput file)
    {
        string name = variable.Name + "_qt";
        Node names = Node.Constant(name + "/tensor_names", Strings([System.Text.Encoding.UTF8.GetBytes(variable.Name)]));
        Node slices = Node.Constant(name + "/shape_and_slices", Strings([ReadOnlyMemory<byte>.Empty]));
        Node restore = new Node(name, "RestoreV2", file, names.Name, slices.Name).With("dtypes", AttributeValue.Types(DataType.Float));
        Node assign = new Node(Assignment(variable), "Assign", variable.Name, restore.Name).With("T", DataType.Float);
        return [names, slices, restore, OpDefaults.Complete(assign)];
    }

    private static string Assignment(Node variable) => variable.Name + "_qt/Assign";

    private static ListValue Types(Node save, int added) =>
        new([.. save.Attributes.TryGetValue("dtypes", out var types) && types is ListValue list ? list.Items : [], .. Enumerable.Repeat<AttributeValue>(DataType.Float, added)]);

    private static Tensor Strings(ReadOnlyMemory<byte>[] strings) => Tensor.FromStrings(TensorShape.Of(strings.Length), [.. strings]);
}
