using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;
using TransformFramework.ModelFiles;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Tests.Data;

public sealed class FeedArgumentsTests
{
    private static readonly Graph Sum = GraphText.Parse("""
        a = Placeholder() {dtype=float, shape=()}
        b = Placeholder() {dtype=float, shape=()}
        y = AddV2(a, b) {T=float}
        """);

    [Fact]
    public void An_input_is_found_by_the_public_name_the_files_name_and_the_graphs()
    {
        var endpoints = Named("left:0", "right:0");

        foreach (string[] names in (string[][])[["first", "second"], ["left:0", "right:0"], ["a", "b:0"]])
        {
            var feeds = FeedArguments.Resolve(endpoints, ["y"], names.Zip(["1", "2"], (name, value) => $"{name}={value}"));
            Assert.Equal([1f, 2f], feeds.OrderBy(feed => feed.Key, StringComparer.Ordinal).Select(feed => feed.Value.ToSingles()[0]));
        }
    }

    [Fact]
    public void An_empty_name_means_the_inputs_without_one()
    {
        var feeds = FeedArguments.Resolve(Named("", ""), ["y"], ["=3"]);

        Assert.Equal(["a", "b"], feeds.Keys.Order(StringComparer.Ordinal));
        Assert.All(feeds.Values, value => Assert.Equal(3, value.ToSingles()[0]));
    }

    [Fact]
    public void An_empty_name_is_refused_where_each_of_several_inputs_has_one() =>
        Assert.Contains("every input has one", Assert.Throws<FeedException>(() => FeedArguments.Resolve(Named("left:0", "right:0"), ["y"], ["=3"])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_or_random_numbers_without_a_name_are_for_the_only_input()
    {
        var endpoints = new ModelEndpoints(GraphText.Parse("x = Placeholder() {dtype=float, shape=(1)}\ny = Neg(x) {T=float}"), signature: null);
        Assert.Equal(["x"], FeedArguments.Resolve(endpoints, ["y"], ["random:1"]).Keys);
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "no picture");
        Assert.Contains(file, Assert.Throws<FeedException>(() => FeedArguments.Resolve(endpoints, ["y"], [$"{file}?divide=255"])).Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public void An_input_with_two_values_is_refused()
    {
        var error = Assert.Throws<FeedException>(() => FeedArguments.Resolve(Named("left:0", "right:0"), ["y"], ["left:0=1", "right:0=1", "a=2"]));
        Assert.Equal(("it has two values", "a"), (error.Message, error.Input));
    }

    private static ModelEndpoints Named(string left, string right) => new(Sum, Signature(left, right), Signature("first", "second"));

    private static ModelSignature Signature(string left, string right) => new("s", "",
        [new(left, "a", DataType.Float, TensorShape.Scalar), new(right, "b", DataType.Float, TensorShape.Scalar)], [new("sum", "y", DataType.Float, TensorShape.Scalar)]);
}
