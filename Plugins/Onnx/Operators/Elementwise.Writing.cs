using System.Collections.Frozen;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes functions of each element, in the layout of their input.</summary>
internal static partial class Unary
{
    private static readonly FrozenDictionary<string, string> Written = new Dictionary<string, string>
    {
        ["LogicalNot"] = "Not",
        ["IsNan"] = "IsNaN",
        ["Invert"] = "BitwiseNot",
        ["Rint"] = "Round",
        ["Inv"] = "Reciprocal",
    }.ToFrozenDictionary();

    [Writes("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Erf", "Exp", "Floor", "Invert", "IsInf", "IsNan", "Log", "LogicalNot", "Neg", "Reciprocal", "Inv", "Relu", "Round", "Rint", "Selu",
        "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Tan", "Tanh", "Elu")]
    public static void Write(NodeWriter node)
    {
        bool isKept = node.Op is "Round" or "Rint" && Tensors.IsInteger(node.Info(0).Type);
        node.Set(isKept ? node.Native(0) : node.Emit(Written.GetValueOrDefault(node.Op, node.Op), [node.Native(0)]), node.Value(0).Native);
    }

    [Writes("Identity", "StopGradient", "CheckNumerics", "PreventGradient", "PlaceholderWithDefault", "Snapshot", "EnsureShape", "Enter")]
    public static void WriteIdentity(NodeWriter node) => node.Set(node.Value(0));

    [Writes("IdentityN")]
    public static void WriteIdentities(NodeWriter node)
    {
        for (int i = 0; i < node.Count; i++)
            node.Set(node.Value(i), i);
    }

    [Writes("Relu6")]
    public static void WriteRelu6(NodeWriter node) => Clip(node, 0, 6);

    private static void Clip(NodeWriter node, double least, double most)
    {
        Operand x = node.Native(0);
        node.Set(node.Emit("Clip", [x, node.Scalar(x.Info.Type, least), node.Scalar(x.Info.Type, most)]), node.Value(0).Native);
    }

    [Writes("ClipByValue")]
    public static void WriteClip(NodeWriter node)
    {
        bool areScalars = node.Info(1).Rank == 0 && node.Info(2).Rank == 0;
        Operand x = areScalars ? node.Native(0) : node[0];
        node.Set(areScalars ? node.Emit("Clip", [x, node[1], node[2]]) : node.Emit("Min", [node.Emit("Max", [x, node[1]]), node[2]]), areScalars ? node.Value(0).Native : Layout.Original);
    }

    [Writes("LeakyRelu")]
    public static void WriteLeakyRelu(NodeWriter node) => node.Set(node.Emit("LeakyRelu", [node.Native(0)], ("alpha", node.Real("alpha", 0.2f))), node.Value(0).Native);

    [Writes("Rsqrt")]
    public static void WriteRsqrt(NodeWriter node) => node.Set(node.Emit("Reciprocal", [node.Emit("Sqrt", [node.Native(0)])]), node.Value(0).Native);

    [Writes("Square")]
    public static void WriteSquare(NodeWriter node) => node.Set(node.Emit("Mul", [node.Native(0), node.Native(0)]), node.Value(0).Native);

    [Writes("Log1p", "Expm1")]
    public static void WriteNearOne(NodeWriter node)
    {
        Operand x = node.Native(0);
        Operand one = node.Scalar(x.Info.Type, 1);
        node.Set(node.Op == "Log1p" ? node.Emit("Log", [node.Emit("Add", [x, one])]) : node.Emit("Sub", [node.Emit("Exp", [x]), one]), node.Value(0).Native);
    }

    [Writes("Erfc")]
    public static void WriteErfc(NodeWriter node) => node.Set(node.Emit("Sub", [node.Scalar(node.Info(0).Type, 1), node.Emit("Erf", [node.Native(0)])]), node.Value(0).Native);

    [Writes("IsFinite")]
    public static void WriteIsFinite(NodeWriter node)
    {
        Operand x = node.Native(0);
        node.Set(node.Emit("Not", [node.Emit("Or", [node.Emit("IsNaN", [x]), node.Emit("IsInf", [x])])]), node.Value(0).Native);
    }

    [Writes("ZerosLike", "OnesLike")]
    public static void WriteLike(NodeWriter node)
    {
        DataType type = node.Info(0).Type;
        Tensor value = Tensors.Reshape(Tensors.Scalar(type, node.Op == "OnesLike" ? 1 : 0), 1);
        node.Set(node.Emit("ConstantOfShape", [node.Emit("Shape", [node[0]])], ("value", value)));
    }
}

/// <summary>Writes functions of the elements of several tensors.</summary>
internal static partial class Binary
{
    private static readonly FrozenDictionary<string, string> Written = new Dictionary<string, string>
    {
        ["AddV2"] = "Add",
        ["RealDiv"] = "Div",
        ["TruncateDiv"] = "Div",
        ["Maximum"] = "Max",
        ["Minimum"] = "Min",
        ["LogicalAnd"] = "And",
        ["LogicalOr"] = "Or",
        ["GreaterEqual"] = "GreaterOrEqual",
        ["LessEqual"] = "LessOrEqual",
    }.ToFrozenDictionary();

    /// <summary>Constant scales and offsets of a convolution's channels go into its weights and bias.</summary>
    [Writes("Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "TruncateDiv", "Maximum", "Minimum", "Pow", "Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "BitwiseAnd", "BitwiseOr", "BitwiseXor")]
    public static void Write(NodeWriter node)
    {
        CheckStrings(node);
        if (StoredProduct.Find(node) is { } stored)
            node.Set(node.Stored(stored));
        else if (!ConvolutionFusion.TryFuse(node))
            Set(node, Written.GetValueOrDefault(node.Op, node.Op));
    }

    [Writes("BiasAdd", "BiasAddV1")]
    public static void WriteBiasAdd(NodeWriter node)
    {
        if (ConvolutionFusion.TryFuse(node))
            return;
        bool isFirst = node.Text("data_format", "NHWC") == "NCHW";
        if (isFirst)
        {
            Operand bias = node.Reshape(node[1], [-1, .. Enumerable.Repeat(1L, node.Rank(0) - 2)]);
            node.Set(node.Emit("Add", [node[0], bias]));
            return;
        }
        Set(node, "Add");
    }

    [Writes("NotEqual")]
    public static void WriteNotEqual(NodeWriter node)
    {
        CheckStrings(node);
        var (left, right, layout) = Operands(node);
        node.Set(node.Emit("Not", [node.Emit("Equal", [left, right])]), layout);
    }

    private static void CheckStrings(NodeWriter node)
    {
        const int first = 19;
        if (node.Info(0).Type == DataType.String && node.Opset < first)
            throw OnnxDiagnostics.Decline($"strings are compared from opset {first} on");
    }

    [Writes("FloorMod", "Mod", "TruncateMod")]
    public static void WriteMod(NodeWriter node)
    {
        var (left, right, layout) = Operands(node);
        if (node.Op == "FloorMod" && Tensors.IsFloat(left.Info.Type))
        {
            Operand quotient = node.Emit("Floor", [node.Emit("Div", [left, right])]);
            node.Set(node.Emit("Sub", [left, node.Emit("Mul", [quotient, right])]), layout);
            return;
        }
        node.Set(node.Emit("Mod", [left, right], ("fmod", node.Op == "FloorMod" ? 0L : 1L)), layout);
    }

    [Writes("FloorDiv")]
    public static void WriteFloorDiv(NodeWriter node)
    {
        var (left, right, layout) = Operands(node);
        if (Tensors.IsFloat(left.Info.Type))
            node.Set(node.Emit("Floor", [node.Emit("Div", [left, right])]), layout);
        else if (Tensors.IsUnsigned(left.Info.Type) || left.Info.Elements is { IsDefault: false } elements && elements.All(element => element is null or >= 0) && right.Info.Constant is not null)
            node.Set(node.Emit("Div", [left, right]), layout);
        else
            node.Set(node.Emit("Div", [node.Emit("Sub", [left, node.Emit("Mod", [left, right])]), right]), layout);
    }

    [Writes("DivNoNan")]
    public static void WriteDivNoNan(NodeWriter node)
    {
        var (left, right, layout) = Operands(node);
        Operand zero = node.Scalar(left.Info.Type, 0);
        node.Set(node.Emit("Where", [node.Emit("Equal", [right, zero]), zero, node.Emit("Div", [left, right])]), layout);
    }

    /// <summary>Products and quotients that are 0 where one factor is, whatever the other one is.</summary>
    [Writes("MulNoNan", "Xdivy", "Xlogy", "Xlog1py")]
    public static void WriteWithZeros(NodeWriter node)
    {
        var (left, right, layout) = Operands(node);
        Operand zero = node.Scalar(left.Info.Type, 0);
        Operand result = node.Op switch
        {
            "MulNoNan" => node.Emit("Mul", [left, right]),
            "Xdivy" => node.Emit("Div", [left, right]),
            "Xlogy" => node.Emit("Mul", [left, node.Emit("Log", [right])]),
            _ => node.Emit("Mul", [left, node.Emit("Log", [node.Emit("Add", [right, node.Scalar(right.Info.Type, 1)])])]),
        };
        node.Set(node.Emit("Where", [node.Emit("Equal", [node.Op == "MulNoNan" ? right : left, zero]), zero, result]), layout);
    }

    [Writes("SquaredDifference")]
    public static void WriteSquaredDifference(NodeWriter node)
    {
        var (left, right, layout) = Operands(node);
        Operand difference = node.Emit("Sub", [left, right]);
        node.Set(node.Emit("Mul", [difference, difference]), layout);
    }

    [Writes("AddN")]
    public static void WriteAddN(NodeWriter node)
    {
        bool areImages = Enumerable.Range(0, node.Count).All(i => node.Value(i).Native == Layout.ChannelsFirst);
        Layout layout = areImages ? Layout.ChannelsFirst : Layout.Original;
        Operand[] parts = [.. Enumerable.Range(0, node.Count).Select(i => node.Read(i, layout))];
        bool isReal = Tensors.IsFloat(parts[0].Info.Type);
        node.Set(isReal && parts.Length > 2 ? node.Emit("Sum", parts) : parts.Aggregate((sum, part) => node.Emit("Add", [sum, part])), layout);
    }

    /// <summary>The older Select takes a whole row by a vector.</summary>
    [Writes("Select", "SelectV2")]
    public static void WriteSelect(NodeWriter node)
    {
        Operand condition = node[0];
        bool isOfRows = node.Op == "Select" && condition.Info.Rank == 1 && node.Rank(1) > 1;
        if (isOfRows)
            condition = node.Reshape(condition, [-1, .. Enumerable.Repeat(1L, node.Rank(1) - 1)]);
        node.Set(node.Emit("Where", [condition, node[1], node[2]]));
    }

    [Writes("LeftShift", "RightShift", Declines = "signed integers")]
    public static void WriteShift(NodeWriter node) => node.Set(Tensors.IsUnsigned(node.Info(0).Type)
        ? node.Emit("BitShift", [node[0], node[1]], ("direction", node.Op == "LeftShift" ? "LEFT" : "RIGHT"))
        : throw OnnxDiagnostics.Decline("signed integers are not shifted"));

    private static void Set(NodeWriter node, string op)
    {
        var (left, right, layout) = Operands(node);
        node.Set(node.Emit(op, [left, right]), layout);
    }

    /// <summary>Both inputs in one layout: channels first when one side has them so and the other can follow.</summary>
    private static (Operand Left, Operand Right, Layout Layout) Operands(NodeWriter node)
    {
        bool hasImage = node.Value(0).Native == Layout.ChannelsFirst || node.Value(1).Native == Layout.ChannelsFirst;
        Layout layout = hasImage && Fits(node, 0) && Fits(node, 1) ? Layout.ChannelsFirst : Layout.Original;
        return (Side(node, 0, layout), Side(node, 1, layout), layout);
    }

    private static bool Fits(NodeWriter node, int slot) => node.Info(slot).Rank == 4 || (node.Constant(slot) is { } constant && constant.Shape.Rank <= 4);

    private static Operand Side(NodeWriter node, int slot, Layout layout) =>
        layout == Layout.ChannelsFirst && node.Constant(slot) is { } constant ? node.Const(ChannelsFirst(constant)) : node.Read(slot, layout);

    /// <summary>A constant of an operation with an image, with dimensions of 1 put before it and the channels second. One element stays as it is.</summary>
    private static Tensor ChannelsFirst(Tensor constant)
    {
        if (constant.ElementCount == 1)
            return Tensors.Reshape(constant);
        long[] padded = [.. Enumerable.Repeat(1L, 4 - constant.Shape.Rank), .. constant.Shape.Dimensions];
        return Tensors.Transpose(Tensors.Reshape(constant, padded), 0, 3, 1, 2);
    }
}
