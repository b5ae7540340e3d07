namespace TransformFramework.Structure.Tests;

public sealed class BackportTensorArrayV3Tests
{
    [Fact]
    public void Replaces_the_flow_by_a_constant() => new TransformTest(new BackportTensorArrayV3()).Check(
        """
        n = Const()
        a = TensorArrayV3(n)
        w = TensorArrayWriteV3(a, n, n, a:1)
        """,
        """
        n = Const()
        a = TensorArrayV2(n)
        a/replacement_flow_node = Const() {dtype=float, value=float[]{1}}
        w = TensorArrayWriteV2(a, n, n, a/replacement_flow_node)
        """);
}
