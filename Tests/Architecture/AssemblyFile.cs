using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace TransformFramework.Architecture.Tests;

/// <summary>What the metadata of an assembly says it uses.</summary>
internal sealed class AssemblyFile
{
    private AssemblyFile(MetadataReader metadata)
    {
        Name = metadata.GetString(metadata.GetAssemblyDefinition().Name);
        References = [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
        UsedTypes = [.. metadata.TypeReferences.Select(handle => FullName(metadata, handle))];
        Attributes = [.. metadata.GetAssemblyDefinition().GetCustomAttributes().Select(handle => AttributeType(metadata, handle)).OfType<string>()];
    }

    public string Name { get; }

    /// <summary>Simple names of the assemblies that it references.</summary>
    public ImmutableArray<string> References { get; }

    /// <summary>Full names of the types of other assemblies that it uses.</summary>
    public ImmutableArray<string> UsedTypes { get; }

    /// <summary>Full names of the assembly's attributes that other assemblies define.</summary>
    public ImmutableArray<string> Attributes { get; }

    /// <summary>References that are no part of .NET.</summary>
    public IEnumerable<string> ForeignReferences => References.Where(name => !IsFramework(name));

    public static AssemblyFile Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        return new(file.GetMetadataReader());
    }

    private static bool IsFramework(string name) => File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, $"{name}.dll"));

    private static string? AttributeType(MetadataReader metadata, CustomAttributeHandle handle)
    {
        EntityHandle constructor = metadata.GetCustomAttribute(handle).Constructor;
        if (constructor.Kind != HandleKind.MemberReference)
            return null;
        EntityHandle type = metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent;
        return type.Kind == HandleKind.TypeReference ? FullName(metadata, (TypeReferenceHandle)type) : null;
    }

    private static string FullName(MetadataReader metadata, TypeReferenceHandle handle)
    {
        TypeReference type = metadata.GetTypeReference(handle);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }
}
