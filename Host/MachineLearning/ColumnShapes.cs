using Microsoft.ML;
using Microsoft.ML.Data;

namespace TransformFramework.MachineLearning;

/// <summary>Shapes of columns, which ML.NET keeps to itself: an estimator that adds such a column is asked for them.</summary>
internal static class ColumnShapes
{
    private static readonly MLContext Context = new();

    /// <summary>The shape of a column that an estimator adds.</summary>
    public static SchemaShape.Column Of(DataViewSchema.Column column)
    {
        DataViewType type = column.Type;
        string member = (type is VectorDataViewType vector ? vector.ItemType : type).RawType.Name + (type is VectorDataViewType ? "Vector" : "");
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Values));
        definition.RemoveAll(candidate => candidate.MemberName != member);
        definition[0].ColumnName = column.Name;
        definition[0].ColumnType = type;
        return Context.Transforms.CustomMapping<Nothing, Values>((_, _) => { }, contractName: null, outputSchemaDefinition: definition)
            .GetOutputSchema(new([])).Single(shape => shape.Name == column.Name);
    }

    private sealed class Nothing;

    /// <summary>A member for each type of column; only the types count.</summary>
    private sealed class Values
    {
        public float Single { get; set; }

        public VBuffer<float> SingleVector { get; set; }

        public double Double { get; set; }

        public VBuffer<double> DoubleVector { get; set; }

        public byte Byte { get; set; }

        public VBuffer<byte> ByteVector { get; set; }

        public sbyte SByte { get; set; }

        public VBuffer<sbyte> SByteVector { get; set; }

        public ushort UInt16 { get; set; }

        public VBuffer<ushort> UInt16Vector { get; set; }

        public short Int16 { get; set; }

        public VBuffer<short> Int16Vector { get; set; }

        public uint UInt32 { get; set; }

        public VBuffer<uint> UInt32Vector { get; set; }

        public int Int32 { get; set; }

        public VBuffer<int> Int32Vector { get; set; }

        public ulong UInt64 { get; set; }

        public VBuffer<ulong> UInt64Vector { get; set; }

        public long Int64 { get; set; }

        public VBuffer<long> Int64Vector { get; set; }

        public bool Boolean { get; set; }

        public VBuffer<bool> BooleanVector { get; set; }
    }
}
