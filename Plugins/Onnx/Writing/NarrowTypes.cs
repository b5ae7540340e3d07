using System.Collections.Frozen;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Writing;

/// <summary>
/// Operators that ONNX defines, or that ONNX Runtime has, for wider types only: integers and truth values are cast before them and back behind them; double holds those of 32 bits. Sums and products wrap around as
/// those of the narrow type do.
/// </summary>
internal static class NarrowTypes
{
    /// <summary>First opset in which arithmetic is defined for 8 and 16 bits.</summary>
    private const int Arithmetic = 14;

    /// <summary>First opset in which the parameters of a norm may be of another type than its data.</summary>
    private const int MixedNorm = 15;

    /// <summary>First opset in which half is told from infinity.</summary>
    private const int HalfInfinity = 20;

    private static readonly FrozenSet<DataType> Halves = FrozenSet.Create(DataType.Half);
    private static readonly FrozenSet<DataType> Cut = FrozenSet.Create(DataType.UInt8, DataType.Int8, DataType.Int16, DataType.UInt16, DataType.Int32);
    private static readonly FrozenSet<DataType> Narrow = FrozenSet.Create(DataType.UInt8, DataType.Int8, DataType.Int16, DataType.UInt16);
    private static readonly FrozenSet<DataType> Short = FrozenSet.Create(DataType.Int16, DataType.UInt16);
    private static readonly FrozenSet<DataType> Unchosen = FrozenSet.Create(DataType.Bool, DataType.Int8, DataType.Int16, DataType.UInt16);
    private static readonly FrozenSet<DataType> Unspread = FrozenSet.Create(DataType.Bool, DataType.UInt8, DataType.Int8, DataType.Int16, DataType.UInt16, DataType.Int32);
    private static readonly FrozenSet<DataType> Pooled = FrozenSet.Create(DataType.Int16, DataType.UInt16, DataType.Int32);
    private static readonly FrozenSet<DataType> Doubles = FrozenSet.Create(DataType.Double);
    private static readonly FrozenSet<DataType> Dealt = FrozenSet.Create(DataType.Bool, DataType.UInt8, DataType.Int8, DataType.Int16, DataType.UInt16, DataType.Int32);

    /// <summary>The type to compute in, and the input whose type it replaces; null where the operator takes its inputs as they are.</summary>
    public static (DataType Wide, int Input)? Of(string op, int opset, IReadOnlyList<Operand?> inputs)
    {
        var (types, wide, input) = op switch
        {
            "Add" or "Sub" or "Mul" or "Div" when opset < Arithmetic => (Narrow, DataType.Int32, 0),
            "CumSum" when opset < Arithmetic && IsHalf(inputs[0]) => (Halves, DataType.Float, 0),
            "BatchNormalization" when opset < MixedNorm => (Halves, DataType.Float, 0),
            "IsInf" when opset < HalfInfinity => (Halves, DataType.Float, 0),
            "ScatterND" => (Halves, DataType.Float, 0),
            "Trilu" when IsHalf(inputs[0]) => (Halves, DataType.Float, 0),
            "Trilu" => (Cut, DataType.Int64, 0),
            "CumSum" or "ReduceSum" or "ReduceMean" or "ReduceProd" or "MatMul" => (Narrow, DataType.Int32, 0),
            "Max" or "Min" or "Neg" or "ReduceMax" or "ReduceMin" => (Short, DataType.Int32, 0),
            "Where" => (Unchosen, DataType.Int32, 1),
            "OneHot" => (Unspread, DataType.Int64, 2),
            "Conv" or "ConvTranspose" => (Doubles, DataType.Float, 0),
            "MaxPool" => (Pooled, DataType.Double, 0),
            "DepthToSpace" or "SpaceToDepth" => (Dealt, DataType.Double, 0),
            _ => (FrozenSet<DataType>.Empty, DataType.Invalid, 0),
        };
        return input < inputs.Count && inputs[input] is { } data && types.Contains(data.Info.Type) ? (wide, input) : null;
    }

    private static bool IsHalf(Operand? operand) => operand?.Info.Type == DataType.Half;
}
