using System.Collections.Frozen;
using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Functions of the elements of several tensors, which are broadcast.</summary>
internal static partial class Binary
{
    private static readonly FrozenDictionary<string, string> Ops = new Dictionary<string, string>
    {
        ["Add"] = "AddV2",
        ["Equal"] = "Equal",
        ["Greater"] = "Greater",
        ["GreaterOrEqual"] = "GreaterEqual",
        ["Less"] = "Less",
        ["LessOrEqual"] = "LessEqual",
        ["And"] = "LogicalAnd",
        ["Or"] = "LogicalOr",
        ["Xor"] = "NotEqual",
        ["Max"] = "Maximum",
        ["Min"] = "Minimum",
        ["Sum"] = "AddV2",
        ["BitwiseAnd"] = "BitwiseAnd",
        ["BitwiseOr"] = "BitwiseOr",
        ["BitwiseXor"] = "BitwiseXor",
    }.ToFrozenDictionary();

    [Infers("Add", "Sub", "Mul", "Div", "Mod", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Pow")]
    public static void Infer(NodeInference node)
    {
        if (node.Op != "Pow")
            node.RequireSameType(0, 1);
        TensorShape shape = node.Opset < 7 ? node[0].Shape : node.Broadcast(node[0].Shape, node[1].Shape);
        node.Set(Elements(node, node[0].Type, shape, Calculate(node.Op)));
    }

    [Infers("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor")]
    public static void InferTest(NodeInference node)
    {
        node.RequireSameType(0, 1);
        TensorShape shape = node.Opset < 7 ? node[0].Shape : node.Broadcast(node[0].Shape, node[1].Shape);
        node.Set(Elements(node, DataType.Bool, shape, Calculate(node.Op)));
    }

    [Infers("Max", "Min", "Sum", "Mean")]
    public static void InferVariadic(NodeInference node)
    {
        for (int i = 1; i < node.Count; i++)
            node.RequireSameType(0, i);
        TensorShape shape = node.Broadcast(Enumerable.Range(0, node.Count).Select(i => node[i].Shape));
        node.Set(node.Count == 2 ? Elements(node, node[0].Type, shape, Calculate(node.Op)) : new(node[0].Type, shape));
    }

    [Infers("Where")]
    public static void InferWhere(NodeInference node)
    {
        node.RequireSameType(1, 2);
        TensorShape shape = node.Broadcast(node[0].Shape, node[1].Shape, node[2].Shape);
        bool isFollowed = shape.Rank is 0 or 1 && !node[0].Elements.IsDefault && !node[1].Elements.IsDefault && !node[2].Elements.IsDefault && shape.IsFullyKnown;
        if (!isFollowed)
        {
            node.Set(node[1].Type, shape);
            return;
        }
        var elements = ImmutableArray.CreateBuilder<long?>();
        for (int i = 0; i < shape.ElementCount; i++)
            elements.Add(At(node[0], i) is { } isTrue ? At(node[isTrue != 0 ? 1 : 2], i) : null);
        node.Set(ValueInfo.OfElements(node[1].Type, shape, elements.ToImmutable()));
    }

    [Infers("BiasGelu", "QLinearAdd", Domain = "com.microsoft")]
    public static void InferContrib(NodeInference node) => node.Set(node[0].Type, node.Broadcast(node[0].Shape, node[node.Op == "QLinearAdd" ? 3 : 1].Shape));

    /// <summary>Until opset 6 the second input is aligned at an axis, and only when it is asked for.</summary>
    private static NodeInput Second(NodeReader node)
    {
        bool isAligned = node.Opset < 7 && node.Flag("broadcast") && node.HasAttribute("axis");
        if (!isAligned)
            return node[1];
        int rank = node.Rank(0);
        int behind = rank - NodeReader.Axis(node.Integer("axis", 0), rank) - node.Rank(1);
        NodeInput right = node[1];
        for (int i = 0; i < behind; i++)
            right = node.Emit("ExpandDims", [right, node.Int(-1)]);
        return right;
    }

    [Reads("Add", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor", "BitwiseAnd", "BitwiseOr", "BitwiseXor")]
    public static void Read(NodeReader node) => node.Result(Ops[node.Op], [node[0], Second(node)]);

    [Reads("Sub", "Mul")]
    public static void ReadSame(NodeReader node) => node.Result(node.Op, [node[0], Second(node)]);

    /// <summary>Integers are divided towards zero.</summary>
    [Reads("Div")]
    public static void ReadDiv(NodeReader node) => node.Result(Tensors.IsFloat(node.TypeOf(0)) ? "RealDiv" : "TruncateDiv", [node[0], Second(node)]);

    [Reads("Mod")]
    public static void ReadMod(NodeReader node)
    {
        string op = !node.Flag("fmod") ? "FloorMod" : Tensors.IsFloat(node.TypeOf(0)) ? "Mod" : "TruncateMod";
        node.Result(op, [node[0], node[1]]);
    }

    /// <summary>The exponent may have another type: an exact one is computed in the wider of float and double.</summary>
    [Reads("Pow")]
    public static void ReadPow(NodeReader node)
    {
        DataType type = node.TypeOf(0);
        if (type == node.TypeOf(1))
        {
            if (Tensors.IsFloat(type) && node.KnownReals(1) is [2])
                node.Result("Square", [node[0]]);
            else
                node.Result("Pow", [node[0], node[1]]);
            return;
        }
        DataType wide = Tensors.IsFloat(type) && !Tensors.IsFloat(node.TypeOf(1)) ? type : DataType.Double;
        node.Set(0, node.Cast(node.Emit("Pow", [node.Cast(node[0], wide), node.Cast(node[1], wide)]), type));
    }

    [Reads("Max", "Min", "Sum")]
    public static void ReadVariadic(NodeReader node)
    {
        NodeInput[] all = node.All;
        if (all.Length == 1)
            node.Set(0, all[0]);
        else
            node.Result(Ops[node.Op], [all[..^1].Aggregate((left, right) => node.Emit(Ops[node.Op], [left, right])), all[^1]]);
    }

    [Reads("Mean")]
    public static void ReadMean(NodeReader node)
    {
        NodeInput sum = node.All.Aggregate((left, right) => node.Emit("AddV2", [left, right]));
        node.Result("Mul", [sum, node.Scalar(node.TypeOf(0), 1.0 / node.Count)]);
    }

    [Reads("Where")]
    public static void ReadWhere(NodeReader node) => node.Result("SelectV2", node.All);

    [Reads("BitShift")]
    public static void ReadBitShift(NodeReader node) => node.Result(node.Text("direction") == "LEFT" ? "LeftShift" : "RightShift", [node[0], node[1]]);

    private static Func<long, long, long?>? Calculate(string op) => op switch
    {
        "Add" or "Sum" => (a, b) => unchecked(a + b),
        "Sub" => (a, b) => unchecked(a - b),
        "Mul" => (a, b) => unchecked(a * b),
        "Div" => (a, b) => b == 0 ? null : b == -1 ? unchecked(-a) : a / b,
        "Mod" => (a, b) => b is 0 or -1 ? null : ((a % b) + b) % b,
        "Max" => (a, b) => Math.Max(a, b),
        "Min" => (a, b) => Math.Min(a, b),
        "Equal" => (a, b) => a == b ? 1 : 0,
        "Greater" => (a, b) => a > b ? 1 : 0,
        "Less" => (a, b) => a < b ? 1 : 0,
        "And" => (a, b) => a & b,
        "Or" => (a, b) => a | b,
        _ => null,
    };

    /// <summary>Follows the single integers of lists and scalars of type int64, and their comparisons.</summary>
    private static ValueInfo Elements(NodeInference node, DataType type, TensorShape shape, Func<long, long, long?>? calculate)
    {
        ValueInfo left = node[0];
        ValueInfo right = node[1];
        bool isFollowed = calculate is not null && shape.Rank is 0 or 1 && shape.IsFullyKnown && !left.Elements.IsDefault && !right.Elements.IsDefault && left.Type is DataType.Int64 or DataType.Bool;
        if (!isFollowed)
            return new(type, shape);
        var elements = ImmutableArray.CreateBuilder<long?>();
        for (int i = 0; i < shape.ElementCount; i++)
            elements.Add(At(left, i) is { } a && At(right, i) is { } b ? calculate!(a, b) : null);
        return ValueInfo.OfElements(type, shape, elements.ToImmutable());
    }

    private static long? At(ValueInfo info, int index) => info.Elements.Length == 1 ? info.Elements[0] : info.Elements[index];
}
