using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Toolkit.Tests.Ops.Releases;

public sealed class OpHistoryTests
{
    private static readonly TensorFlowRelease Tf115 = TensorFlowRelease.Find("tf1.15")!;
    private static readonly TensorFlowRelease Tf212 = TensorFlowRelease.Find("2.12")!;

    [Fact]
    public void Every_history_can_be_replayed() =>
        Assert.All(OpTable.Names, op => Assert.NotEqual(0, OpHistory.Find(op)?.Since.Producer ?? 1));

    /// <remarks>The table has the types of 2.12 for both releases, so allowed values are not compared; nor are the two ops with tensors as defaults, which it leaves out.</remarks>
    [Theory]
    [InlineData("1.15", OpRelease.Tf115)]
    [InlineData("2.12", OpRelease.Tf212)]
    public void Agrees_with_the_table_of_a_release(string version, OpRelease table)
    {
        TensorFlowRelease release = TensorFlowRelease.Find(version)!;
        Assert.All(OpTable.Names.Where(op => !op.StartsWith('_') && op is not ("DefaultAttrs" or "ImageSummary")), op => Assert.Equal(Describe(OpTable.Find(op, table)), Describe(OpHistory.Find(op)?.At(release))));
    }

    [Theory]
    [InlineData("AddV2", "1.5")]
    [InlineData("FusedBatchNormV3", "1.14")]
    [InlineData("Einsum", "2.0")]
    [InlineData("Conv", "2.14")]
    [InlineData("MatMul", "0.12")]
    public void Knows_when_an_op_came(string op, string version) => Assert.Equal(version, OpHistory.Find(op)!.Since.Version);

    [Theory]
    [InlineData("Conv2D", "dilations", "1.5")]
    [InlineData("Conv2D", "strides", "0.12")]
    [InlineData("MatMul", "grad_a", "2.16")]
    [InlineData("Equal", "incompatible_shape_error", "2.0")]
    public void Knows_when_an_attribute_came(string op, string attribute, string version) => Assert.Equal(version, OpHistory.Find(op)!.AttributeSince(attribute)!.Version);

    [Fact]
    public void Knows_the_types_of_a_release()
    {
        OpHistory addition = OpHistory.Find("AddV2")!;
        Assert.DoesNotContain(DataType.UInt32, Types(addition.At(Tf115)!));
        Assert.Contains(DataType.UInt32, Types(addition.At(Tf212)!));
    }

    [Fact]
    public void Knows_from_which_producer_on_an_op_is_refused()
    {
        Assert.Equal(14, OpHistory.Find("BatchMatrixDiag")!.DeprecatedAt(TensorFlowRelease.Find("1.4")!));
        Assert.Null(OpHistory.Find("MatMul")!.DeprecatedAt(Tf212));
    }

    [Fact]
    public void An_op_that_is_gone_is_in_no_later_release()
    {
        OpHistory history = OpHistory.Find("GraphRunner") ?? OpHistory.Find("InfeedEnqueue")!;
        Assert.NotNull(history.At(history.Since));
        Assert.Null(OpHistory.Find("NoSuchOp"));
    }

    [Theory]
    [InlineData("tf1.15", "1.15")]
    [InlineData("2.3.4", "2.3")]
    [InlineData("2.3", "2.3")]
    public void Reads_versions(string text, string version) => Assert.Equal(version, TensorFlowRelease.Find(text)?.Version);

    [Fact]
    public void Orders_releases_by_producer() => Assert.True(TensorFlowRelease.Find("2.0")! < Tf115);

    private static DataType[] Types(OpDefinition definition) => [.. ((ListValue)definition.Attribute("T")!.Allowed!).Items.Cast<TypeValue>().Select(type => type.Value)];

    private static string Describe(OpDefinition? definition) => definition is null
        ? "absent"
        : $"({Arguments(definition.Inputs)}) -> ({Arguments(definition.Outputs)}) {string.Join("; ", definition.Attributes.OrderBy(attribute => attribute.Name, StringComparer.Ordinal).Select(Describe))}";

    private static string Arguments(ImmutableArray<ArgumentDefinition> arguments) => string.Join(", ", arguments);

    private static string Describe(AttributeDefinition attribute) => $"{attribute.Name}: {attribute.Kind} = {Describe(attribute.Default)}";

    private static string Describe(AttributeValue? value) => value switch
    {
        ListValue list => $"[{string.Join(", ", list.Items.Select(Describe))}]",
        BytesValue bytes => bytes.Text,
        _ => value?.ToString() ?? "required",
    };
}
