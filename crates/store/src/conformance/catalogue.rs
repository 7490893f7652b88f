//! Tenants, keys and documents: immutable versions, scoped to a tenant.

use super::bench::Bench;
use super::check::{Verdict, ensure, ensure_eq, some};
use crate::{
    ApiKey, KeyId, NewWorkflow, PutFate, StoreError, Tenant, TenantId, Timestamp, Workflow, WorkflowId,
};

super::checks![
    a_tenant_is_found_by_its_name,
    a_tenants_name_is_unique,
    a_key_is_found_by_its_hash,
    keys_are_listed_newest_first,
    a_revoked_key_says_since_when,
    a_key_is_revoked_by_its_tenant_only,
    a_version_is_immutable,
    a_document_comes_back_whole,
    versions_are_in_order_of_storing,
    workflows_are_paged_newest_first,
    names_of_two_tenants_do_not_meet,
];

async fn a_tenant_is_found_by_its_name(bench: &Bench) -> Verdict {
    let name = format!("tenant {}", bench.token());
    let tenant = Tenant {
        id: TenantId(bench.token()),
        name: name.clone(),
        plan: "sandbox".to_owned(),
    };
    bench.store.create_tenant(&tenant).await?;
    ensure_eq!(
        bench.store.tenant_by_name(&name).await?,
        Some(tenant),
        "the tenant"
    );
    ensure_eq!(
        bench.store.tenant_by_name("nobody").await?,
        None,
        "an unknown name"
    );
    Ok(())
}

async fn a_tenants_name_is_unique(bench: &Bench) -> Verdict {
    let name = bench.tenant.to_string();
    let twin = Tenant {
        id: TenantId(bench.token()),
        name: name.clone(),
        plan: "pro".to_owned(),
    };
    let answer = bench.store.create_tenant(&twin).await;
    ensure!(
        matches!(answer, Err(StoreError::Data(_))),
        "a second tenant of one name answered {answer:?}"
    );
    let kept = bench.store.tenant_by_name(&name).await?.map(|tenant| tenant.id);
    ensure_eq!(kept, Some(bench.tenant), "who has the name");
    Ok(())
}

/// A key whose hash is its id twice.
fn new_key(bench: &Bench) -> ApiKey {
    let id = KeyId(bench.token());
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(id.0.as_bytes());
    hash[16..].copy_from_slice(id.0.as_bytes());
    ApiKey {
        id,
        tenant: bench.tenant,
        name: "laptop".to_owned(),
        hash,
        prefix: "lvq_abc".to_owned(),
        plan: "pro".to_owned(),
        created_at: Timestamp(0),
        revoked_at: None,
    }
}

async fn a_key_is_found_by_its_hash(bench: &Bench) -> Verdict {
    let before = bench.store.now().await?;
    let key = new_key(bench);
    bench.store.create_key(&key).await?;
    let found = some!(bench.store.key_by_hash(&key.hash).await?, "the key by its hash");
    ensure!(
        found.created_at >= before,
        "created_at is not the store's clock: {:?}",
        found.created_at
    );
    ensure_eq!(
        found,
        ApiKey {
            created_at: found.created_at,
            ..key
        },
        "the key"
    );
    ensure_eq!(bench.store.key_by_hash(&[9; 32]).await?, None, "an unknown hash");
    Ok(())
}

async fn keys_are_listed_newest_first(bench: &Bench) -> Verdict {
    let keys = [new_key(bench), new_key(bench), new_key(bench)];
    for key in &keys {
        bench.store.create_key(key).await?;
    }
    let listed: Vec<_> = bench
        .store
        .keys(bench.tenant)
        .await?
        .iter()
        .map(|key| key.id)
        .collect();
    ensure_eq!(listed, [keys[2].id, keys[1].id, keys[0].id], "keys");
    Ok(())
}

async fn a_revoked_key_says_since_when(bench: &Bench) -> Verdict {
    let key = new_key(bench);
    bench.store.create_key(&key).await?;
    for attempt in ["first", "second"] {
        ensure!(
            bench.store.revoke_key(bench.tenant, key.id).await?,
            "the {attempt} revocation found no key"
        );
    }
    let found = some!(
        bench.store.key_by_hash(&key.hash).await?,
        "a revoked key by its hash"
    );
    ensure!(
        found.revoked_at >= Some(found.created_at),
        "revoked at {:?}",
        found.revoked_at
    );
    Ok(())
}

async fn a_key_is_revoked_by_its_tenant_only(bench: &Bench) -> Verdict {
    let key = new_key(bench);
    bench.store.create_key(&key).await?;
    let stranger = bench.neighbour().await?;
    ensure!(
        !bench.store.revoke_key(stranger.tenant, key.id).await?,
        "a stranger revoked it"
    );
    ensure!(
        !bench.store.revoke_key(bench.tenant, KeyId(bench.token())).await?,
        "an unknown key was revoked"
    );
    let found = some!(bench.store.key_by_hash(&key.hash).await?, "the key");
    ensure_eq!(found.revoked_at, None, "revoked_at");
    ensure_eq!(
        bench.store.keys(stranger.tenant).await?,
        [],
        "the stranger's keys"
    );
    Ok(())
}

async fn a_version_is_immutable(bench: &Bench) -> Verdict {
    let (first, second) = (WorkflowId(bench.token()), WorkflowId(bench.token()));
    for attempt in ["first", "repeated"] {
        ensure_eq!(
            bench.put("flow", "1.0.0", first, None).await?,
            PutFate::Created,
            "the {attempt} call"
        );
    }
    ensure_eq!(
        bench.put("flow", "1.0.0", second, None).await?,
        PutFate::Unchanged(first),
        "the same by another call"
    );
    let other = NewWorkflow {
        id: second,
        tenant: bench.tenant,
        namespace: "suite".to_owned(),
        name: "flow".to_owned(),
        version: "1.0.0".to_owned(),
        hash: [7; 32],
        document: b"{}".to_vec(),
        schedule: None,
    };
    ensure_eq!(
        bench.store.put_workflow(&other).await?,
        PutFate::Conflict(first),
        "another document"
    );
    ensure_eq!(bench.store.workflow(second).await?, None, "the refused document");
    Ok(())
}

async fn a_document_comes_back_whole(bench: &Bench) -> Verdict {
    let before = bench.store.now().await?;
    let new = NewWorkflow {
        id: WorkflowId(bench.token()),
        tenant: bench.tenant,
        namespace: "suite".to_owned(),
        name: "whole".to_owned(),
        version: "1.2.3-rc.1".to_owned(),
        hash: [3; 32],
        document: "{\"ü\":1}".as_bytes().to_vec(),
        schedule: None,
    };
    bench.store.put_workflow(&new).await?;
    let found = some!(bench.store.workflow(new.id).await?, "the document");
    ensure!(found.created_at >= before, "created_at is not the store's clock");
    let expected = Workflow {
        id: new.id,
        tenant: new.tenant,
        namespace: new.namespace,
        name: new.name,
        version: new.version,
        hash: new.hash,
        document: new.document,
        created_at: found.created_at,
    };
    ensure_eq!(found, expected, "the document");
    Ok(())
}

async fn versions_are_in_order_of_storing(bench: &Bench) -> Verdict {
    for version in ["2.0.0", "1.0.0", "10.0.0"] {
        bench
            .put("flow", version, WorkflowId(bench.token()), None)
            .await?;
    }
    let versions = bench.store.versions(bench.tenant, "suite", "flow").await?;
    ensure!(
        versions.iter().all(|version| version.document.is_empty()),
        "a listing carries documents"
    );
    let names: Vec<_> = versions.iter().map(|version| version.version.as_str()).collect();
    ensure_eq!(names, ["2.0.0", "1.0.0", "10.0.0"], "versions");
    ensure_eq!(
        bench.store.versions(bench.tenant, "suite", "nothing").await?,
        [],
        "versions of no name"
    );
    Ok(())
}

async fn workflows_are_paged_newest_first(bench: &Bench) -> Verdict {
    let mut expected = vec![bench.workflow];
    for n in 0..5 {
        let id = WorkflowId(bench.token());
        bench.put(&format!("flow-{n}"), "1.0.0", id, None).await?;
        expected.insert(0, id);
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = bench.store.workflows(bench.tenant, cursor, 4).await?;
        ensure!(
            page.iter().all(|workflow| workflow.document.is_empty()),
            "a listing carries documents"
        );
        seen.extend(page.iter().map(|workflow| workflow.id));
        cursor = match page.last() {
            Some(last) if page.len() == 4 => Some(last.id),
            _ => break,
        };
    }
    ensure_eq!(seen, expected, "workflows");
    Ok(())
}

async fn names_of_two_tenants_do_not_meet(bench: &Bench) -> Verdict {
    let stranger = bench.neighbour().await?;
    let (mine, theirs) = (WorkflowId(bench.token()), WorkflowId(bench.token()));
    ensure_eq!(
        bench.put("flow", "1.0.0", mine, None).await?,
        PutFate::Created,
        "mine"
    );
    ensure_eq!(
        stranger.put("flow", "1.0.0", theirs, None).await?,
        PutFate::Created,
        "theirs"
    );
    let listed = bench.store.versions(bench.tenant, "suite", "flow").await?;
    ensure_eq!(
        listed.iter().map(|version| version.id).collect::<Vec<_>>(),
        [mine],
        "my versions"
    );
    let listed = bench.store.workflows(stranger.tenant, None, 10).await?;
    let ids: Vec<_> = listed.iter().map(|workflow| workflow.id).collect();
    ensure_eq!(ids, [theirs, stranger.workflow], "their workflows");
    Ok(())
}
