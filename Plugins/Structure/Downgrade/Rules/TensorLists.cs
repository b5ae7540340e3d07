using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>
/// Lists of tensors as tensor arrays: the array's flow takes the list's place. A list is written by one node after the other; the list before a write is not read any more.
/// <code>
/// l = TensorListReserve(shape, n)       l/TensorArrayV3 = TensorArrayV3(n)
///                                       l = Identity(l/TensorArrayV3:1)
/// m = TensorListSetItem(l, i, x)    →   m = TensorArrayWriteV3(l/TensorArrayV3, i, x, l)
/// y = TensorListStack(m, shape)         y = TensorArrayGatherV3(l/TensorArrayV3, Range, m)
/// </code>
/// </summary>
internal static class TensorLists
{
    private const string Array = "TensorArrayV3";

    public static Decline? Reserve(DowngradeSite site)
    {
        NodeInput array = Create(site, site.Inputs[1], TensorShape.Unknown);
        return site.Replace(NodeInput.Data(array.Node, 1));
    }

    public static Decline? FromTensor(DowngradeSite site)
    {
        NodeInput tensor = site.Inputs[0];
        TensorShape shape = site.Shape(tensor);
        NodeInput size = shape.Rank > 0 && shape[0] >= 0 ? site.Int(shape[0]) : site.Reshape(site.Slice(site.ShapeOf(tensor), [0], [1]), site.Ints());
        NodeInput array = Create(site, size, shape);
        return site.Replace(Written(site, array, Numbers(site, size), tensor));
    }

    public static Decline? Scatter(DowngradeSite site)
    {
        var (tensor, indices) = (site.Inputs[0], site.Inputs[1]);
        long given = site.Inputs.Length > 3 && site.Integers(site.Inputs[3]) is [var number] ? number : -1;
        if (given < 0 && site.Integers(indices) is { Length: > 0 } known)
            given = known.Max() + 1;
        if (given < 0)
            return site.Decline("its number of elements is not known");
        NodeInput array = Create(site, site.Int(given), site.Shape(tensor));
        return site.Replace(Written(site, array, indices, tensor));
    }

    public static Decline? SetItem(DowngradeSite site) => With(site, array =>
        site.Replace(site.Add("TensorArrayWriteV3", [array, site.Inputs[1], site.Inputs[2], site.Inputs[0]], ("T", site.Type(site.Inputs[2])))));

    public static Decline? GetItem(DowngradeSite site) => With(site, array =>
        site.Replace(site.Add("TensorArrayReadV3", [array, site.Inputs[1], site.Inputs[0]], ("dtype", site.Node.Type("element_dtype")))));

    public static Decline? Stack(DowngradeSite site) => With(site, array =>
    {
        NodeInput size = site.Add("TensorArraySizeV3", [array, site.Inputs[0]]);
        return Read(site, array, Numbers(site, size));
    });

    public static Decline? Gather(DowngradeSite site) => With(site, array => Read(site, array, site.Inputs[1]));

    public static Decline? Length(DowngradeSite site) => With(site, array => site.Replace(site.Add("TensorArraySizeV3", [array, site.Inputs[0]])));

    public static Decline? Concat(DowngradeSite site) => With(site, array =>
    {
        NodeInput whole = site.Add("TensorArrayConcatV3", [array, site.Inputs[0]], ("dtype", site.Node.Type("element_dtype")));
        return site.Replace(whole, NodeInput.Data(whole.Node, 1));
    });

    private static Decline? Read(DowngradeSite site, NodeInput array, NodeInput indices) =>
        site.Replace(site.Add("TensorArrayGatherV3", [array, indices, site.Inputs[0]], ("dtype", site.Node.Type("element_dtype"))));

    private static NodeInput Create(DowngradeSite site, NodeInput size, TensorShape stacked)
    {
        TensorShape element = stacked.Rank > 0 ? TensorShape.Of([.. stacked.Dimensions.Skip(1)]) : TensorShape.Unknown;
        return site.Add(Array, [size], ("dtype", site.Node.Type("element_dtype")), ("element_shape", element), ("clear_after_read", false), ("dynamic_size", false), ("tensor_array_name", ""));
    }

    private static NodeInput Written(DowngradeSite site, NodeInput array, NodeInput indices, NodeInput tensor) =>
        site.Add("TensorArrayScatterV3", [array, indices, tensor, NodeInput.Data(array.Node, 1)], ("T", site.Type(tensor)));

    private static NodeInput Numbers(DowngradeSite site, NodeInput count) => site.Integers(count) is [var known]
        ? site.Ints([.. Enumerable.Range(0, checked((int)known)).Select(number => (long)number)])
        : site.Add("Range", [site.Int(0), count, site.Int(1)], ("Tidx", DataType.Int32));

    private static Decline? With(DowngradeSite site, Func<NodeInput, Decline?> rewrite) =>
        Handle(site, site.Inputs[0]) is { } handle ? rewrite(handle) : site.Decline("it is not known which node makes the list");

    /// <summary>The array of a list: made by the node that made the list; through loops by an Enter of the array that the loop has.</summary>
    private static NodeInput? Handle(DowngradeSite site, NodeInput list)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? frame = null;
        Node? outer = null;
        while (site.Graph.Find(list.Node) is { } node && seen.Add(node.Name))
        {
            switch (node.Op)
            {
                case "TensorListFromTensor" or "TensorListScatter" or "TensorListScatterV2" or "TensorListReserve":
                    NodeInput array = $"{node.Name}/{Array}";
                    return frame is null ? array : site.Add("Enter", [array], ("T", DataType.Resource), ("frame_name", frame), ("is_constant", true), ("parallel_iterations", outer!.Long("parallel_iterations", 10)));
                case "Enter":
                    if (frame is not null)
                        return null;
                    (frame, outer) = (node.String("frame_name", ""), node);
                    break;
                case "Exit":
                    return ThroughLoop(site, node);
                case "Identity" or "IdentityN" or "Switch" or "Merge" or "NextIteration" or "TensorListSetItem":
                    break;
                default:
                    return null;
            }
            list = node.Inputs[node.Op == "IdentityN" ? Math.Max(0, list.Port) : 0];
        }
        return null;
    }

    /// <summary>After a loop: the array that entered it.</summary>
    private static NodeInput? ThroughLoop(DowngradeSite site, Node exit)
    {
        Node? node = exit;
        for (int i = 0; i < site.Graph.Nodes.Length && node is not null; i++)
        {
            if (node.Op == "Enter")
                return Handle(site, node.Inputs[0]);
            node = site.Graph.Find(node.Inputs[0].Node);
        }
        return null;
    }
}
