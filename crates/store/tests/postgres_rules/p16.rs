//! P16: one bad row does not fail its neighbours.

use levqor_store::{IntakeFate, IntakeStore, NewRun, StoreError};

use crate::rig::Rig;

#[tokio::test]
async fn p16_a_nul_is_a_data_error_of_the_batch_which_its_neighbours_survive() {
    let rig = Rig::new().await;
    let mut runs: Vec<NewRun> = (0..8).map(|_| rig.new_run()).collect();
    runs[5].callback_url = Some("https://example.org/\0".to_owned());
    let answer = rig.store.intake(rig.id(), &runs).await;
    assert!(matches!(answer, Err(StoreError::Data(_))), "{answer:?}");
    // Bisected, as the batcher does: each half under a token of its own, down to the bad row.
    let mut parts = vec![&runs[..]];
    let (mut accepted, mut refused) = (0, 0);
    while let Some(part) = parts.pop() {
        match rig.store.intake(rig.id(), part).await {
            Ok(fates) => {
                assert!(
                    fates
                        .iter()
                        .all(|fate| *fate == IntakeFate::Accepted { ready: true })
                );
                accepted += fates.len();
            }
            Err(StoreError::Data(_)) if part.len() == 1 => refused += 1,
            Err(StoreError::Data(_)) => {
                let (left, right) = part.split_at(part.len() / 2);
                parts.extend([left, right]);
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((accepted, refused), (7, 1));
}

#[tokio::test]
async fn p16_broken_one_nul_takes_the_whole_batch_with_it() {
    let rig = Rig::new().await;
    let mut runs: Vec<NewRun> = (0..500).map(|_| rig.new_run()).collect();
    runs[250].callback_url = Some("\0".to_owned());
    rig.store.intake(rig.id(), &runs).await.unwrap_err();
    let mut db = rig.connection().await;
    assert_eq!(db.number("SELECT count(*) FROM live").await, 0);
}
