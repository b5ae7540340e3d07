using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using TransformFramework.Engine;
using TransformFramework.Graphs;

namespace TransformFramework.MachineLearning;

/// <summary>A column of a data view and the tensor of the graph that it holds, for one row.</summary>
/// <param name="Name">Name of the column.</param>
/// <param name="Tensor">Public name of the graph's input or output.</param>
/// <param name="ElementType">Type of the tensor's elements.</param>
/// <param name="Shape">The tensor's shape for one row.</param>
/// <param name="Type">Type of the column: a vector of all dimensions but a first one of 1, or a scalar.</param>
internal sealed record GraphColumn(string Name, string Tensor, DataType ElementType, TensorShape Shape, DataViewType Type)
{
    private static readonly Dictionary<DataType, PrimitiveDataViewType> Types = new()
    {
        [DataType.Float] = NumberDataViewType.Single,
        [DataType.Double] = NumberDataViewType.Double,
        [DataType.UInt8] = NumberDataViewType.Byte,
        [DataType.Int8] = NumberDataViewType.SByte,
        [DataType.UInt16] = NumberDataViewType.UInt16,
        [DataType.Int16] = NumberDataViewType.Int16,
        [DataType.UInt32] = NumberDataViewType.UInt32,
        [DataType.Int32] = NumberDataViewType.Int32,
        [DataType.UInt64] = NumberDataViewType.UInt64,
        [DataType.Int64] = NumberDataViewType.Int64,
        [DataType.Bool] = BooleanDataViewType.Instance,
    };

    /// <summary>Number of bytes of the tensor.</summary>
    public int Bytes => checked((int)(Shape.ElementCount * ElementType.Size()));

    /// <summary>Whether the column holds a vector.</summary>
    public bool IsVector => Type is VectorDataViewType;

    /// <summary>Type of one element of the column.</summary>
    public PrimitiveDataViewType ItemType => Type is VectorDataViewType vector ? vector.ItemType : (PrimitiveDataViewType)Type;

    /// <summary>The column of an input.</summary>
    /// <exception cref="ArgumentException">Its type has no column type, or its shape is not known.</exception>
    public static GraphColumn OfInput(TensorInfo input, string? column, long[]? shape)
    {
        TensorShape row = shape is not null ? TensorShape.Of(shape) : OneRow(input.Shape);
        if (!row.TryCount(out _))
            throw new ArgumentException($"the shape {input.Shape} of input '{input.Name}' does not say the size of a row; give it by 'shapes'", nameof(input));
        return new(column ?? input.Name, input.Name, input.Type, row, TypeOf(input.Name, input.Type, row));
    }

    /// <summary>The column of an output, by the result of a run.</summary>
    /// <exception cref="ArgumentException">Its type has no column type.</exception>
    public static GraphColumn OfOutput(TensorInfo output, Tensor result, string? column) =>
        new(column ?? output.Name, output.Name, result.Type, result.Shape, TypeOf(output.Name, result.Type, result.Shape));

    /// <summary>The column of this name in a schema.</summary>
    /// <exception cref="ArgumentException">It is missing, or has another type or size.</exception>
    public DataViewSchema.Column Find(DataViewSchema schema)
    {
        if (schema.GetColumnOrNull(Name) is not { } column)
            throw new ArgumentException($"there is no column '{Name}' for the graph's input '{Tensor}'; name another by 'inputs'", nameof(schema));
        bool isVector = column.Type is VectorDataViewType;
        DataViewType item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        int size = column.Type is VectorDataViewType { Size: > 0 } sized ? sized.Size : isVector ? (int)Shape.ElementCount : 1;
        if (!item.Equals(ItemType) || size != Shape.ElementCount)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"the column '{Name}' is {column.Type}, the graph's input '{Tensor}' takes {Shape.ElementCount} of {ItemType}"), nameof(schema));
        return column;
    }

    private static TensorShape OneRow(TensorShape shape) => shape.IsUnknownRank || shape.Rank == 0 || shape[0] >= 0 ? shape : TensorShape.Of([1, .. shape.Dimensions.Skip(1)]);

    private static DataViewType TypeOf(string tensor, DataType type, TensorShape shape)
    {
        if (!Types.TryGetValue(type, out PrimitiveDataViewType? item))
            throw new ArgumentException($"'{tensor}' has the type {type.Name()}, which no column can hold", nameof(type));
        int[] dimensions = [.. shape.Dimensions.Skip(shape.Rank > 0 && shape[0] == 1 ? 1 : 0).Select(dimension => checked((int)dimension))];
        return dimensions.Length == 0 ? item : new VectorDataViewType(item, dimensions);
    }
}
