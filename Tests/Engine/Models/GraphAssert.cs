using TransformFramework.Graphs;

namespace TransformFramework.Engine.Tests.Models;

internal static class GraphAssert
{
    /// <summary>Fails unless both graphs are equal in everything that a file holds.</summary>
    public static void Same(Graph expected, Graph actual)
    {
        Assert.Equal(expected.Nodes.Length, actual.Nodes.Length);
        for (int i = 0; i < expected.Nodes.Length; i++)
            Assert.True(expected.Nodes[i].Equals(actual.Nodes[i]), $"node {i}: {expected.Nodes[i]} became {actual.Nodes[i]}");
        Assert.Equal(expected.Functions, actual.Functions);
        Assert.Equal(expected.Versions, actual.Versions);
        Assert.Equal(expected.UnknownFields, actual.UnknownFields);
    }
}
