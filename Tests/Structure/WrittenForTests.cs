using TransformFramework.Graphs;
using TransformFramework.Structure.ControlFlow;
using TransformFramework.Structure.Surgery;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Tests;

/// <summary>Transforms that write what older releases of TensorFlow do not read say from which release on it is read.</summary>
public sealed class WrittenForTests
{
    private const string Image = "x = Placeholder() {dtype=float, shape=(1,4,4,3)}\ny = Relu(x) {T=float}\n";

    [Fact]
    public void Resizing_with_half_pixel_centers() =>
        Assert.Equal("tf1.14", Said(new InsertBefore(), new InsertBefore.Options { Name = "x", ResizeHeight = 8, ResizeWidth = 8 }, Image));

    [Fact]
    public void Nothing_where_every_release_reads_it() =>
        Assert.Null(Said(new RaiseControlFlow(), new NoOptions(), Image));

    [Fact]
    public void A_downgraded_graph() =>
        Assert.Equal("tf1.15", Said(new Structure.Downgrade.Downgrade(), new Structure.Downgrade.Downgrade.Options { Target = "1.15.5", Check = false }, Image));

    private static string? Said(ITransform transform, object options, string graph)
    {
        var context = new TransformContext { InputNames = ["x"], OutputNames = ["y"] };
        transform.Apply(GraphText.Parse(graph), options, context);
        return context.WrittenFor;
    }
}
