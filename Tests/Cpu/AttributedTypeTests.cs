using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Plans;
using TransformFramework.Execution;

namespace TransformFramework.Cpu.Tests;

/// <summary>A native program finds the same kernels and lowerings as a managed one.</summary>
public sealed class AttributedTypeTests
{
    [Theory]
    [InlineData(nameof(KernelAttribute))]
    [InlineData(nameof(LoweringAttribute))]
    [InlineData(nameof(FusionAttribute))]
    public void Reflection_finds_what_the_metadata_say(string attribute)
    {
        Assert.NotEmpty(Found(AttributedType.Find(attribute)));
        Assert.Equal(Found(AttributedType.Find(attribute)), Found(AttributedType.FindByReflection(attribute)));
    }

    private static IEnumerable<string> Found(List<AttributedType> types) => types.Select(type => $"{type.Name} {type.Create<object>().GetType()}").Order(StringComparer.Ordinal);
}
