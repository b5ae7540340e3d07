using TransformFramework.Graphs;

namespace TransformFramework.Abstractions.Tests.Graphs;

public class DataTypeTests
{
    public static TheoryData<DataType> All => new(Enum.GetValues<DataType>().Where(type => type != DataType.Invalid));

    [Theory]
    [MemberData(nameof(All))]
    public void A_name_reads_back_also_as_a_reference(DataType type)
    {
        Assert.True(DataTypes.TryParse(type.Name(), out DataType read) && read == type);
        Assert.True(DataTypes.TryParse(type.Name() + "_ref", out DataType reference) && reference == type.AsReference() && reference.Base() == type);
        Assert.Equal(type.Size(), reference.Size());
        Assert.Equal((int)type + 100, (int)reference);
    }

    [Theory]
    [InlineData("float32", DataType.Float)]
    [InlineData("float64", DataType.Double)]
    [InlineData("float16", DataType.Half)]
    public void Other_spellings_are_read(string name, DataType expected) => Assert.True(DataTypes.TryParse(name, out DataType type) && type == expected);

    [Theory]
    [InlineData("DT_FLOAT")]
    [InlineData("Float")]
    [InlineData("1")]
    [InlineData("int")]
    [InlineData("invalid")]
    [InlineData("")]
    [InlineData(" float")]
    [InlineData("float_ref_ref")]
    public void Other_names_are_not(string name) => Assert.False(DataTypes.TryParse(name, out _));

    [Theory]
    [InlineData(DataType.Float, 4)]
    [InlineData(DataType.Complex128, 16)]
    [InlineData(DataType.BFloat16, 2)]
    [InlineData(DataType.String, 0)]
    [InlineData((DataType)99, 0)]
    [InlineData((DataType)(-1), 0)]
    [InlineData((DataType)104, 1)]
    public void Sizes(DataType type, int expected) => Assert.Equal(expected, type.Size());
}
