using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>Integers that follow from shapes: what Shape, StridedSlice, Pack and arithmetic on them give, so that a Reshape to a computed shape needs no operators for it.</summary>
internal static class KnownValues
{
    private const int MostElements = 64;

    private static readonly HashSet<string> Ops = new(StringComparer.Ordinal)
    {
        "Shape", "Size", "Rank", "StridedSlice", "Slice", "Pack", "ConcatV2", "Add", "AddV2", "Sub", "Mul", "FloorDiv", "Div", "RealDiv", "Maximum", "Minimum", "Prod", "Cast", "GatherV2", "Gather", "Squeeze", "Reshape", "ExpandDims", "Range", "Fill", "Neg",
    };

    /// <summary>Makes a node a constant when its value does not depend on free dimensions.</summary>
    public static bool TryFold(NodeWriter node)
    {
        if (!Ops.Contains(node.Node.Op) || Evaluate(node, 0) is not { } one || Evaluate(node, 1) is not { } two || !one.ContentEquals(two))
            return false;
        node.Out(node.Constant(one, name: node.Node.Name));
        return true;
    }

    /// <summary>Notes the values of a node that depend on free dimensions.</summary>
    public static void Attach(NodeWriter node)
    {
        if (!Ops.Contains(node.Node.Op) || node.Subgraph.Find(NodeInput.Data(node.Node.Name)) is not { Constant: null } result)
            return;
        Tensor?[] known = [Evaluate(node, 0), Evaluate(node, 1)];
        if (known is [not null, not null])
            result.Known = known;
    }

    private static Tensor? Evaluate(NodeWriter node, int world)
    {
        string op = node.Node.Op;
        if (node.InputCount == 0 || node.Node.TypeAttribute("T") is DataType.Variant or DataType.Resource)
            return null;
        if (op is "Shape" or "Size" or "Rank")
            return OfShape(node, world);
        var inputs = new (long[] Values, long[] Shape)[node.InputCount];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (node.In(i).Known[world] is not { } known || known.ElementCount > MostElements || ShapeRules.Integers(known) is not { } values)
                return null;
            inputs[i] = (values, [.. known.Shape.Dimensions]);
        }
        DataType type = Type(node);
        if (type is not (DataType.Int32 or DataType.Int64) || Compute(node.Node, op, inputs) is not { } result)
            return null;
        return result.Values.Length > MostElements ? null : Make(type, result.Values, result.Shape);
    }

    private static DataType Type(NodeWriter node) => node.Node.Op switch
    {
        "Cast" => node.Node.TypeAttribute("DstT")!.Value,
        "GatherV2" or "Gather" => node.Node.TypeAttribute("Tparams")!.Value,
        "Range" => node.Node.TypeAttribute("Tidx") ?? DataType.Int32,
        _ => node.Node.TypeAttribute("T") ?? DataType.Invalid,
    };

    private static Tensor? OfShape(NodeWriter node, int world)
    {
        TensorDraft input = node.In(0);
        int[] shape = input.Shapes[world];
        DataType type = node.Node.TypeAttribute("out_type") ?? DataType.Int32;
        return node.Node.Op switch
        {
            "Shape" => Make(type, [.. shape.Select(size => (long)size)], [shape.Length]),
            "Rank" => Make(DataType.Int32, [shape.Length], []),
            _ => Make(type, [shape.Aggregate(1L, (product, size) => product * size)], []),
        };
    }

    private static (long[] Values, long[] Shape)? Compute(Node node, string op, (long[] Values, long[] Shape)[] inputs)
    {
        var (x, shape) = inputs[0];
        switch (op)
        {
            case "Cast":
                return (x, shape);
            case "Neg":
                return ([.. x.Select(value => -value)], shape);
            case "StridedSlice" when shape.Length == 1:
                var options = Masks(node);
                int[] taken = [.. StridedSliceRule.Elements(x.Length, inputs[1].Values, inputs[2].Values, inputs[3].Values, options)];
                return taken.Any(at => at < 0 || at >= x.Length) ? null : ([.. taken.Select(at => x[at])], options.Int("shrink_axis_mask") == 1 ? [] : [taken.Length]);
            case "Slice" when shape.Length == 1:
                int begin = (int)inputs[1].Values[0];
                int count = inputs[2].Values[0] < 0 ? x.Length - begin : (int)inputs[2].Values[0];
                return begin < 0 || count < 0 || begin + count > x.Length ? null : (x[begin..(begin + count)], [count]);
            case "Pack" when shape.Length == 0:
                return ([.. inputs.Select(input => input.Values[0])], [inputs.Length]);
            case "ConcatV2" when shape.Length == 1:
                long[] joined = [.. inputs[..^1].SelectMany(input => input.Values)];
                return (joined, [joined.Length]);
            case "Prod" when shape.Length <= 1:
                return ([x.Aggregate(1L, (product, value) => product * value)], node.Bool("keep_dims", otherwise: false) ? [1] : []);
            case "Gather" or "GatherV2" when shape.Length == 1 && inputs[1].Values.All(at => at >= 0 && at < x.Length):
                return ([.. inputs[1].Values.Select(at => x[at])], inputs[1].Shape);
            case "Squeeze":
                return x.Length == 1 ? (x, []) : null;
            case "ExpandDims" when shape.Length == 0:
                return (x, [1]);
            case "Reshape" when inputs[1].Values is [] or [1] or [-1]:
                return inputs[1].Values.Length == 0 && x.Length != 1 ? null : (x, inputs[1].Values.Length == 0 ? [] : [x.Length]);
            case "Fill" when x.Length == 1 && x[0] is >= 0 and <= MostElements:
                return ([.. Enumerable.Repeat(inputs[1].Values[0], (int)x[0])], x);
            case "Range" when inputs[2].Values[0] > 0 && (inputs[1].Values[0] - x[0]) / inputs[2].Values[0] < MostElements:
                List<long> steps = [];
                for (long value = x[0]; value < inputs[1].Values[0]; value += inputs[2].Values[0])
                    steps.Add(value);
                return ([.. steps], [steps.Count]);
            default:
                return inputs.Length == 2 ? Pairwise(op, inputs[0], inputs[1]) : null;
        }
    }

    private static (long[] Values, long[] Shape)? Pairwise(string op, (long[] Values, long[] Shape) left, (long[] Values, long[] Shape) right)
    {
        Func<long, long, long>? function = op switch
        {
            "Add" or "AddV2" => (a, b) => a + b,
            "Sub" => (a, b) => a - b,
            "Mul" => (a, b) => a * b,
            "FloorDiv" => (a, b) => b == 0 ? 0 : (long)Math.Floor((double)a / b),
            "Maximum" => Math.Max,
            "Minimum" => Math.Min,
            _ => null,
        };
        bool fits = left.Values.Length == right.Values.Length || left.Values.Length == 1 || right.Values.Length == 1;
        if (function is null || !fits || left.Shape.Length > 1 || right.Shape.Length > 1)
            return null;
        int count = Math.Max(left.Values.Length, right.Values.Length);
        long[] values = [.. Enumerable.Range(0, count).Select(i => function(left.Values[i % left.Values.Length], right.Values[i % right.Values.Length]))];
        return (values, left.Shape.Length >= right.Shape.Length ? left.Shape.Length == 0 ? [] : [count] : [count]);
    }

    private static OptionValues Masks(Node node)
    {
        OperatorSchema schema = OperatorSchema.Of("STRIDED_SLICE");
        string[] masks = ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"];
        return OptionValues.Of(schema, [.. masks.Select(mask => (mask, (object)(int)node.Long(mask)))]);
    }

    private static Tensor Make(DataType type, long[] values, long[] shape) => type == DataType.Int64
        ? Tensor.Create<long>(type, TensorShape.Of(shape), values)
        : Tensor.Create<int>(DataType.Int32, TensorShape.Of(shape), [.. values.Select(value => (int)Math.Clamp(value, int.MinValue, int.MaxValue))]);
}
